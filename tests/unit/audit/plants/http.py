"""What an edge in order answers, and one with a weakness."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from lab.audit.door import Reply
from lab.audit.http.evidence import Evidence
from tests.unit.audit.planting import Plant

POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Server": "nginx",
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Request-ID": "0c7cf5514a5a2dca32423246c37f7206",
}
TOKEN = "csrftoken=abc; Path=/; SameSite=Lax; Secure"
SESSION = "sessionid=xyz; HttpOnly; Path=/; SameSite=Lax; Secure"
WHOAMI = {
    "edge": {"client_address": "10.10.10.254"},
    "app": {"forwarded_client": "10.10.10.254", "host": "10.10.10.1", "scheme": "http"},
}


def reply(status: int = 200, body: str = "", cookies: tuple[str, ...] = (), **changed: str) -> Reply:
    """An answer; `changed` are headers with _ for -, "" takes one out."""
    headers = HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    pairs = [(name, value) for name, value in headers.items() if value]
    return Reply(status, (*pairs, *(("Set-Cookie", one) for one in cookies)), body.encode())


def whoami(layer: str, **changed: str) -> Reply:
    """What /api/whoami/ says when one layer saw something else."""
    parts: dict[str, Any] = {**WHOAMI, layer: {**WHOAMI[layer], **changed}}
    return reply(body=json.dumps(parts))


HTTPS = reply(301, Location="https://10.10.10.1/api/docs/")
HSTS = reply(cookies=(TOKEN,), Strict_Transport_Security="max-age=31536000")
CLEAN = Evidence(
    pages={"documentation": reply(), "admin log-in": reply(Cache_Control="no-store, private")},
    plain={"departments": reply(body="[]")},
    absent={"app's 404": reply(404, "Not Found")},
    listings={"/static/": reply(403, "Forbidden")},
    hidden={"/.env": reply(404), "/.git/config": None},
    up={"/static../etc/passwd": reply(404), "/static/..%2fetc/passwd": reply(400)},
    media={"/media/1.png": reply(404)},
    methods={"TRACE /api/": reply(405), "TRACK /api/": None},
    hosts={"evil.example": None},
    cors={"request": reply(), "preflight": reply(401)},
    ids={"<b>": reply()},
    forged=whoami("app"),
    scheme="http",
    cache={
        "somebody": reply(X_Cache="BYPASS"),
        "nobody": reply(X_Cache="MISS"),
        "whoami": reply(Cache_Control="no-store"),
    },
    secure={"documentation": HSTS},
    session=reply(302, cookies=(SESSION, TOKEN)),
    names_refused={"evil.example": True},
    offered=True,
    redirected=HTTPS,
)


def plant(
    check: str, weakness: str, part: str, value: object, where: str, also: tuple[str, ...] = ()
) -> Plant:
    """CLEAN with one part of it otherwise; of a part that is a mapping, only `where`."""
    before = getattr(CLEAN, part)
    changed: dict[str, Any] = {part: {**before, where: value} if isinstance(before, dict) else value}
    return Plant(check, weakness, dataclasses.replace(CLEAN, **changed), where, also)


def policy(text: str) -> Reply:
    """A page with another Content-Security-Policy."""
    return reply(Content_Security_Policy=text)


REST = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
DEBUG_PAGE = "<h1>Page not found</h1><p>You're seeing this error because you have DEBUG = True</p>"
DOCS = "documentation"
PLANTS = [
    plant("HTTP-CSP", "no policy", "pages", policy(""), DOCS, ("HTTP-CSP-BASE",)),
    plant("HTTP-CSP", "inline scripts", "pages", policy(f"script-src 'unsafe-inline'; {REST}"), DOCS),
    plant("HTTP-CSP", "eval", "pages", policy(f"default-src 'self' 'unsafe-eval'; {REST}"), DOCS),
    plant("HTTP-CSP", "scripts from everywhere", "pages", policy(f"script-src https:; {REST}"), DOCS),
    plant("HTTP-CSP", "plug-ins", "pages", policy(f"script-src 'self'; {REST}"), DOCS),
    plant("HTTP-CSP-BASE", "no base-uri", "pages", policy("default-src 'self'; form-action 'self'"), DOCS),
    plant("HTTP-FRAMES", "neither header", "plain", reply(X_Frame_Options="", Content_Security_Policy=""),
          "departments"),
    plant("HTTP-FRAMES", "frames of everybody", "plain", policy("frame-ancestors *"), "departments"),
    plant("HTTP-SNIFF", "on an error page", "absent", reply(404, X_Content_Type_Options=""), "app's 404"),
    plant("HTTP-REFERRER", "the whole address", "plain", reply(Referrer_Policy="unsafe-url"), "departments"),
    plant("HTTP-REFERRER", "left to the browser", "plain", reply(Referrer_Policy=""), "departments"),
    plant("HTTP-CORP", "for everybody", "plain", reply(Cross_Origin_Resource_Policy="cross-origin"),
          "departments"),
    plant("HTTP-CORS", "the origin is repeated", "cors",
          reply(Access_Control_Allow_Origin="https://evil.example"), "request"),
    plant("HTTP-CORS", "a star", "cors", reply(Access_Control_Allow_Origin="*"), "preflight"),
    plant("HTTP-COOKIE-SECURE", "the forms' cookie", "secure",
          reply(cookies=("csrftoken=a; SameSite=Lax",)), "log-in"),
    plant("HTTP-COOKIE-SECURE", "the session's cookie", "session",
          reply(302, cookies=("sessionid=a; HttpOnly; SameSite=Lax",)), "log-in's answer"),
    plant("HTTP-COOKIE-HTTPONLY", "scripts read it", "session",
          reply(302, cookies=("sessionid=a; SameSite=Lax; Secure",)), "log-in's answer"),
    plant("HTTP-COOKIE-HTTPONLY", "no session at all", "session", reply(200, "wrong"), "log-in's answer"),
    plant("HTTP-COOKIE-SAMESITE", "None", "session",
          reply(302, cookies=("sessionid=a; HttpOnly; SameSite=None; Secure",)), "log-in's answer"),
    plant("HTTP-COOKIE-SAMESITE", "left to the browser", "secure", reply(cookies=("csrftoken=a; Secure",)),
          "log-in"),
    plant("HTTP-HOST", "anybody's name", "hosts", reply(), "evil.example"),
    plant("HTTP-HOST", "refused with a page", "hosts", reply(400), "evil.example"),
    plant("HTTP-SNI", "anybody's name", "names_refused", False, "evil.example"),
    plant("HTTP-METHODS", "TRACE", "methods", reply(200, "TRACE /api/"), "TRACE /api/"),
    plant("HTTP-METHODS", "a server error", "methods", reply(500), "TRACE /api/"),
    plant("HTTP-VERSION", "in Server", "plain", reply(Server="nginx/1.26.3"), "departments"),
    plant("HTTP-VERSION", "in X-Powered-By", "plain", reply(X_Powered_By="Django"), "departments"),
    plant("HTTP-VERSION", "on an error page", "absent", reply(404, "<hr>nginx/1.26.3"), "app's 404"),
    plant("HTTP-DEBUG", "Django's 404", "absent", reply(404, DEBUG_PAGE), "app's 404"),
    plant("HTTP-DEBUG", "a traceback", "absent", reply(500, "Traceback (most recent call last):"),
          "app's 404"),
    plant("HTTP-LISTING", "autoindex", "listings", reply(200, "<h1>Index of /static/</h1>"), "/static/"),
    plant("HTTP-FILES", ".env", "hidden", reply(200, "SECRET_KEY=a"), "/.env"),
    plant("HTTP-FILES", ".git on an error page", "hidden", reply(404, "[core]\n bare = true"),
          "/.git/config"),
    plant("HTTP-TRAVERSAL", "an alias without its slash", "up", reply(200, "root:x:0:0:root:/root"),
          "/static../etc/passwd"),
    plant("HTTP-MEDIA", "a picture", "media", reply(200, "PNG"), "/media/1.png"),
    plant("HTTP-MEDIA", "the directory", "media", reply(403), "/media/1.png"),
    plant("HTTP-REQUEST-ID", "repeated", "ids", reply(X_Request_ID="<b>"), "<b>"),
    plant("HTTP-REQUEST-ID", "none", "ids", reply(X_Request_ID=""), "<b>"),
    plant("HTTP-FORWARDED", "the address", "forged", whoami("app", forwarded_client="198.51.100.7"),
          "X-Forwarded-For"),
    plant("HTTP-FORWARDED", "the name", "forged", whoami("app", host="evil.example"), "X-Forwarded-Host"),
    plant("HTTP-FORWARDED", "the scheme", "forged", whoami("app", scheme="https"), "X-Forwarded-Proto"),
    plant("HTTP-FORWARDED", "the edge's own", "forged", whoami("edge", client_address="198.51.100.7"),
          "X-Edge-Client-Address"),
    Plant("HTTP-CACHE", "kept for the next",
          dataclasses.replace(CLEAN, cache={**CLEAN.cache, "nobody": reply(X_Cache="HIT")}), "/api/stats/"),
    Plant("HTTP-CACHE", "given to somebody",
          dataclasses.replace(CLEAN, cache={**CLEAN.cache, "somebody": reply(X_Cache="HIT")}), "/api/stats/"),
    plant("HTTP-NO-STORE", "whoami", "cache", reply(Cache_Control="public"), "whoami"),
    Plant("HTTP-NO-STORE", "the admin",
          dataclasses.replace(CLEAN, pages={**CLEAN.pages, "admin log-in": reply()}), "admin"),
    plant("HTTP-REDIRECT", "none", "redirected", reply(), "http://"),
    plant("HTTP-REDIRECT", "to HTTP", "redirected", reply(301, Location="http://10.10.10.1/"), "http://"),
    Plant("HTTP-HSTS", "none",
          dataclasses.replace(CLEAN, secure={"documentation": reply(cookies=(TOKEN,))}), "https://"),
    Plant("HTTP-HSTS", "of an hour",
          dataclasses.replace(CLEAN, secure={
              "documentation": reply(Strict_Transport_Security="max-age=3600")}), "https://"),
]  # fmt: skip
