"""What the edge must refuse, hide or not believe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lab.audit.door import Reply
from lab.audit.http.evidence import (
    FORGED_ADDRESS,
    FORGED_HOST,
    Evidence,
    Replies,
    each,
    replies,
    told,
)
from lab.audit.model import Check, Finding, Level, UnmeasuredError

VERSION = re.compile(
    r"(nginx|gunicorn|django|python|wsgiserver|debian|ubuntu|openssl)[/ ]v?\d", re.IGNORECASE
)
TELLTALE = ("X-Powered-By", "X-AspNet-Version", "X-Runtime", "X-Generator", "Via")
DEBUG = re.compile(r"DEBUG = True|Traceback \(most recent|URLconf|Django Version:|Exception Location")
SECRET_CONTENT = re.compile(r"root:[^:]*:0:0:|\[core\]|SECRET_KEY|PASSWORD=|^services:|SQLite format", re.M)
SOUND_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
YEAR = 31_536_000  # seconds


def _answers(evidence: Evidence) -> Replies:
    return {**evidence.pages, **evidence.plain, **evidence.absent}


def _version(reply: Reply) -> str | None:
    for name in ("Server", *TELLTALE):
        said = reply.header(name)
        if VERSION.search(said) or (said and name in TELLTALE):
            return f"{name}: {said}"
    found = VERSION.search(reply.text) if reply.status >= 400 else None
    return f"the page says '{found[0]}'" if found else None


def _debug(reply: Reply) -> str | None:
    found = DEBUG.search(reply.text)
    return f"the page has '{found[0]}' in it" if found else None


def _listing(reply: Reply) -> str | None:
    if "Index of /" in reply.text or (reply.status == 200 and "<a href" in reply.text):
        return "a list of the files"
    return None


def _given_away(reply: Reply) -> str | None:
    if reply.status == 200:
        return f"200, {len(reply.body)} bytes"
    return "what must not be seen is in the answer" if SECRET_CONTENT.search(reply.text) else None


def _refused(reply: Reply) -> str | None:
    return None if reply.status in (400, 401, 403, 405, 501) else f"answered {reply.status}"


def _unless_closed(
    which: Callable[[Evidence], Replies], look: Callable[[Reply], str | None]
) -> Callable[[Evidence], Iterable[Finding]]:
    """As `each`, where a connection that was closed without an answer is as good as a refusal."""

    def judge(evidence: Evidence) -> list[Finding]:
        found = which(evidence)
        if not found:
            raise UnmeasuredError("nothing was asked")
        return [Finding(name, seen) for name, reply in found.items() if reply and (seen := look(reply))]

    return judge


def _answered(reply: Reply) -> str:
    return f"answered {reply.status} instead of closing the connection"


def _names(evidence: Evidence) -> Iterable[Finding]:
    for name, refused in evidence.names_refused.items():
        if not refused:
            yield Finding(name, "the handshake went through, and showed the certificate")


def _not_there(reply: Reply) -> str | None:
    return None if reply.status == 404 else f"answered {reply.status} instead of 404"


def _ids(evidence: Evidence) -> Iterable[Finding]:
    for sent, reply in replies(lambda every: every.ids)(evidence):
        got = reply.all("X-Request-ID")
        if sent in got:
            yield Finding(sent[:40], "the answer carries the client's own words")
        elif len(got) != 1 or not SOUND_ID.fullmatch(got[0]):
            yield Finding(sent[:40], f"the answer has {len(got)} ids, of which one is none")


def _forwarded(evidence: Evidence) -> Iterable[Finding]:
    saw = told(evidence.forged)
    app, edge = saw.get("app"), saw.get("edge")
    if not isinstance(app, dict) or not isinstance(edge, dict):
        raise UnmeasuredError("/api/whoami/ did not say what it saw; try: make status")
    believed = {
        "X-Forwarded-For": app.get("forwarded_client") == FORGED_ADDRESS,
        "X-Forwarded-Host": FORGED_HOST in str(app.get("host")),
        "X-Forwarded-Proto": app.get("scheme") == "https",
        "X-Edge-Client-Address": edge.get("client_address") == FORGED_ADDRESS,
    }
    return [Finding(name, "a client's own word is believed") for name, so in believed.items() if so]


def _cache(evidence: Evidence) -> Iterable[Finding]:
    found = dict(replies(lambda every: every.cache)(evidence))
    if found["somebody"].status != 200 or found["nobody"].status != 200:
        raise UnmeasuredError("statistics were not given out, so nothing can be said of the cache")
    if found["nobody"].header("X-Cache") in ("HIT", "UPDATING", "STALE"):
        yield Finding("/api/stats/", "somebody's answer was kept and given to the next caller")
    if found["somebody"].header("X-Cache") not in ("BYPASS", "NONE", ""):
        yield Finding("/api/stats/", f"somebody got X-Cache: {found['somebody'].header('X-Cache')}")


def _kept_by_browsers(evidence: Evidence) -> Iterable[Finding]:
    shown = {"whoami": evidence.cache.get("whoami"), "admin": evidence.pages.get("admin log-in")}
    for name, reply in replies(lambda _: shown)(evidence):
        if "no-store" not in reply.header("Cache-Control"):
            yield Finding(name, f"Cache-Control is '{reply.header('Cache-Control')}', without no-store")


def _redirect(evidence: Evidence) -> Iterable[Finding]:
    for _, reply in replies(lambda every: {"HTTP": every.redirected})(evidence):
        goes_on = reply.status in (301, 302, 307, 308) and reply.header("Location").startswith("https://")
        if not goes_on:
            yield Finding("http://", f"answered {reply.status}; make tls REDIRECT=1 sends to HTTPS instead")


def _hsts(evidence: Evidence) -> Iterable[Finding]:
    for _, reply in replies(lambda every: {"page": every.secure.get("documentation")})(evidence):
        said = reply.header("Strict-Transport-Security")
        age = re.search(r"max-age=(\d+)", said)
        if not age or int(age[1]) < YEAR // 2:
            yield Finding("https://", f"Strict-Transport-Security is '{said}'")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "HTTP-HOST",
        Level.MEDIUM,
        "A request for a name that is not the service's gets no answer",
        "Links in answers are made from Host: who may choose it turns them elsewhere, caches included.",
        "The default_server block in nginx/nginx.conf returns 444; see ALLOWED_HOSTS in .env.",
        "curl -i http://10.10.10.1/api/ -H 'Host: evil.example'",
        _unless_closed(lambda evidence: evidence.hosts, _answered),
    ),
    Check(
        "HTTP-SNI",
        Level.LOW,
        "A handshake for a name that is not the service's is refused",
        "The certificate tells a scanner whose server it has found, with all its names.",
        "ssl_reject_handshake in nginx/tls.conf.",
        "openssl s_client -connect 10.10.10.1:443 -servername evil.example </dev/null",
        _names,
    ),
    Check(
        "HTTP-METHODS",
        Level.MEDIUM,
        "Methods that the service has no use for are refused",
        "TRACE repeats a request's cookies to a script; what is unknown may pass by a rule for GET and POST.",
        "Nginx refuses TRACE and CONNECT itself; the views name their methods.",
        "curl -i -X TRACE http://10.10.10.1/api/departments/",
        _unless_closed(lambda evidence: evidence.methods, _refused),
    ),
    Check(
        "HTTP-VERSION",
        Level.LOW,
        "No answer says which version of what has made it",
        "A version is looked up in a list of known holes within a second.",
        "server_tokens off in nginx/nginx.conf, and no header that names a program.",
        "curl -si http://10.10.10.1/static/nowhere | grep -i server",
        each(_answers, _version),
    ),
    Check(
        "HTTP-DEBUG",
        Level.HIGH,
        "No error page shows the application's insides",
        "Django's debug pages print settings, paths and the code around the error.",
        "DEBUG must be off: take DEBUG out of the app's environment in docker-compose.yml.",
        "curl -s http://10.10.10.1/nowhere/",
        each(lambda evidence: evidence.absent, _debug),
    ),
    Check(
        "HTTP-LISTING",
        Level.MEDIUM,
        "No directory shows the list of its files",
        "A backup or an upload that nobody links to is found in it.",
        "Take autoindex out of nginx/nginx.conf.",
        "curl -i http://10.10.10.1/static/",
        each(lambda evidence: evidence.listings, _listing),
    ),
    Check(
        "HTTP-FILES",
        Level.HIGH,
        "Files that run the service are not handed out",
        ".git, .env and the database are the first that scanners ask for.",
        "Nothing but /static/ and /media/ has an alias in nginx/nginx.conf.",
        "curl -i http://10.10.10.1/.env",
        _unless_closed(lambda evidence: evidence.hidden, _given_away),
    ),
    Check(
        "HTTP-TRAVERSAL",
        Level.HIGH,
        "No path leads up and out of the static files",
        "An alias without its last slash gives out what lies beside the directory.",
        "location and alias in nginx/nginx.conf both end in a slash.",
        "curl -i --path-as-is http://10.10.10.1/static../etc/passwd",
        _unless_closed(lambda evidence: evidence.up, _given_away),
    ),
    Check(
        "HTTP-MEDIA",
        Level.HIGH,
        "Pictures are not to be had past the application",
        "The application looks at who asks; a plain file server does not.",
        "internal; in location /media/ of nginx/nginx.conf.",
        "curl -i http://10.10.10.1/media/tickets/1.png",
        _unless_closed(lambda evidence: evidence.media, _not_there),
    ),
    Check(
        "HTTP-REQUEST-ID",
        Level.LOW,
        "A request id that could harm a log is replaced",
        "It is written into two logs and the audit trail, and shown to people.",
        "map $http_x_request_id in nginx/nginx.conf lets only short plain ones pass.",
        "curl -si http://10.10.10.1/healthz -H 'X-Request-ID: <b>' | grep -i x-request-id",
        _ids,
    ),
    Check(
        "HTTP-FORWARDED",
        Level.HIGH,
        "Nobody can give another address, name or scheme as their own",
        "Throttles count by address and links are made from the name: a forged one passes both.",
        "nginx/forwarded.conf overwrites those headers; NUM_PROXIES is the exact number of hops.",
        "curl -s http://10.10.10.1/api/whoami/ -H 'X-Forwarded-For: 198.51.100.7' | grep forwarded_client",
        _forwarded,
    ),
    Check(
        "HTTP-CACHE",
        Level.HIGH,
        "An answer that somebody got is never kept for anybody else",
        "One shared cache, and the next caller reads what an instructor saw.",
        "proxy_no_cache and proxy_cache_bypass in nginx/nginx.conf ask for a token or a session.",
        "curl -si http://10.10.10.1/api/stats/ -H 'Authorization: Bearer x' | grep -i x-cache",
        _cache,
    ),
    Check(
        "HTTP-NO-STORE",
        Level.LOW,
        "Pages about the caller are not kept by browsers",
        "The next person at the lab's computer presses 'back'.",
        "Cache-Control: no-store where the view answers.",
        "curl -si http://10.10.10.1/api/whoami/ | grep -i cache-control",
        _kept_by_browsers,
    ),
    Check(
        "HTTP-REDIRECT",
        Level.INFO,
        "HTTP is sent on to HTTPS",
        "By HTTP anybody on the way reads passwords and tokens: here that is an exercise.",
        "make tls REDIRECT=1",
        "curl -si http://10.10.10.1/api/docs/ | grep -i location",
        _redirect,
    ),
    Check(
        "HTTP-HSTS",
        Level.INFO,
        "Browsers are told to come by HTTPS only, for half a year",
        "Without it the first http:// link shows the session; in a lab a long one could not be undone.",
        "make tls HSTS=1 shows it, for an hour.",
        "curl -ski https://10.10.10.1/api/docs/ | grep -i strict-transport",
        _hsts,
    ),
)
