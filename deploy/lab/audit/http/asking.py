"""Asking the edge: a hundred requests, most of which a careful service refuses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from lab.audit import door as doors
from lab.audit import stage
from lab.audit.door import Door, Reply
from lab.audit.http.evidence import FORGED_ADDRESS, FORGED_HOST, Evidence, Replies
from lab.audit.model import Site

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
STRANGER = "https://evil.example"
# Where Mozilla's HTTP Observatory would look: what a browser shows.
PAGES = {
    "API root": "/api/",
    "ticket list": "/api/tickets/",
    "documentation": "/api/docs/",
    "docs": "/docs/",
    "log-in": "/api/auth/login/",
    "admin log-in": "/admin/login/",
}
PLAIN = {
    "departments": "/api/departments/",
    "refusal": "/api/tickets/?fields=id",
    "static file": "/static/admin/css/base.css",
}
ABSENT = {
    "app's 404": "/nowhere/",
    "API's 404": "/api/nowhere/",
    "Nginx's 404": "/static/nowhere",
    "Nginx's 400": "/%",
}
LISTINGS = (
    *("/static/", "/static/admin/", "/static/admin/css/", "/docs/_static/", "/docs/_downloads/"),
    *("/media/", "/media/tickets/"),
)
HIDDEN = (
    *("/.git/config", "/.git/HEAD", "/.env", "/.env.example", "/static/.env", "/static/.git/config"),
    *("/db.sqlite3", "/static/db.sqlite3", "/manage.py", "/docker-compose.yml", "/nginx.conf", "/.htaccess"),
    *("/backup.sql", "/server-status", "/nginx_status", "/edge-healthz/..;/admin/", "/.well-known/../.env"),
)
UP = (
    "/static/../../../../etc/passwd",
    "/static../etc/passwd",
    "/static../static/admin/css/base.css",  # the static files themselves, by way of their parent
    "/static/..%2f..%2f..%2fetc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%c0%af..%c0%afetc/passwd",
    "/docs../made-from",
    "/docs/../../../../etc/passwd",
    "/docs/..%2f..%2f..%2fetc/passwd",
    "/static//etc/passwd",
    "/static/....//....//etc/passwd",
    "/media/../../../etc/passwd",
    "/media../db.sqlite3",
    "/media/..%2fdb.sqlite3",
    "/api/tickets/1/image/../../../../../etc/passwd",
)
MEDIA = ("/media/", "/media/tickets/1.png", "/media/ticket_images/1.png")
METHODS = ("TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG", "PUT-EVERYTHING")
HOSTS = ("evil.example", "10.0.0.1.evil.example", "localhost.evil.example", "198.51.100.7")
FORGED_IDS = ('"><script>alert(1)</script>', "a" * 300, "short", "id with spaces", "{{7*7}}--{{7*7}}")


def gather(site: Site) -> Evidence:
    """Ask the running edge, and for HTTPS a throw-away one where the lab offers none."""
    plain = doors.edge(site)
    user = next(user for user in site.settings.users if user["role"] == "student")
    with stage.door(site) as secure:
        return collect(plain, secure.door, user["username"], user["password"], offered=secure.offered)


def collect(plain: Door, secure: Door, username: str, password: str, *, offered: bool) -> Evidence:
    """The same of any edge: of the tests', too."""
    redirected = doors.ask(plain, "/api/docs/", headers=BROWSER)
    # Where HTTP does no more than send to HTTPS (make tls REDIRECT=1), it is HTTPS that has the service.
    main = secure if redirected and redirected.status == 307 and offered else plain
    session, cookie = _log_in(secure, username, password)
    evidence = Evidence(
        pages=_each(main, PAGES, BROWSER),
        plain=_each(main, PLAIN),
        absent={**_each(main, ABSENT), "app's 404 page": doors.ask(main, "/nowhere/", headers=BROWSER)},
        listings=_each(main, _same(LISTINGS)),
        hidden=_each(main, _same(HIDDEN)),
        up=_each(main, _same(UP)),
        media=_each(main, _same(MEDIA)),
        methods={
            f"{method} {path}": doors.ask(main, path, method)
            for method in METHODS
            for path in ("/api/departments/", "/admin/login/")
        },
        hosts={host: doors.ask(plain, "/api/", headers={"Host": host}) for host in HOSTS}
        | {f"https {host}": doors.ask(secure, "/api/", headers={"Host": host}) for host in HOSTS[:1]},
        cors=_cors(main),
        ids={one: doors.ask(main, "/healthz", headers={"X-Request-ID": one}) for one in FORGED_IDS},
        forged=doors.ask(main, "/api/whoami/", headers=_forged(main)),
        scheme="https" if main.tls else "http",
        cache=_cache(main, cookie),
        secure=_each(secure, PAGES, BROWSER),
        session=session,
        names_refused={
            host: doors.handshake_refused(secure, host) for host in HOSTS if not host[-1].isdigit()
        },
        offered=offered,
        redirected=redirected,
    )
    _log_out(secure, cookie)
    return evidence


def _same(paths: Iterable[str]) -> dict[str, str]:
    return {path: path for path in paths}


def _each(door: Door, paths: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Replies:
    return {name: doors.ask(door, path, headers=headers) for name, path in paths.items()}


def _forged(door: Door) -> dict[str, str]:
    """Headers in which a client claims to be somebody else, elsewhere, and to have come another way."""
    scheme = "http" if door.tls else "https"
    return {
        "X-Forwarded-For": FORGED_ADDRESS,
        "X-Real-IP": FORGED_ADDRESS,
        "Forwarded": f"for={FORGED_ADDRESS};host={FORGED_HOST};proto={scheme}",
        "X-Forwarded-Host": FORGED_HOST,
        "X-Forwarded-Proto": scheme,
        "X-Edge-Client-Address": FORGED_ADDRESS,
    }


def _cors(door: Door) -> Replies:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    return {
        "request": doors.ask(door, "/api/departments/", headers={"Origin": STRANGER}),
        "request of a sandbox": doors.ask(door, "/api/departments/", headers={"Origin": "null"}),
        "preflight": doors.ask(door, "/api/tickets/", "OPTIONS", {"Origin": STRANGER, **asks}),
    }


def _cache(door: Door, cookie: str) -> Replies:
    path = f"/api/stats/?audit={secrets.token_hex(8)}"  # an address that nobody has asked for
    return {
        "somebody": doors.ask(door, path, headers={"Cookie": cookie}),
        "nobody": doors.ask(door, path),
        "whoami": doors.ask(door, "/api/whoami/", headers={"Cookie": cookie}),
    }


def _log_in(door: Door, username: str, password: str) -> tuple[Reply | None, str]:
    """The answer to a log-in, and the session's cookie as a browser would send it."""
    path = PAGES["log-in"]
    page = doors.ask(door, path, headers=BROWSER)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text if page else "")
    form = {"username": username, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"{door.origin}{path}",
        "Cookie": _cookies(page),
    }
    answer = doors.ask(door, path, "POST", headers, urlencode(form).encode())
    return answer, _cookies(answer)


def _log_out(door: Door, cookie: str) -> None:
    """End the session, so that the audit leaves none behind."""
    token = re.search(r"csrftoken=(\w+)", cookie)
    headers = {"Cookie": cookie, "Referer": f"{door.origin}/api/", "X-CSRFToken": token[1] if token else ""}
    doors.ask(door, "/api/auth/logout/", "POST", headers, b"")


def _cookies(reply: Reply | None) -> str:
    return "; ".join(value.partition(";")[0] for value in reply.all("Set-Cookie")) if reply else ""
