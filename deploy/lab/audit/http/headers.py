"""Headers and cookies, graded as Mozilla's HTTP Observatory grades them."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import SimpleCookie

from lab.audit.door import Reply
from lab.audit.http.evidence import Evidence, Replies, each, replies
from lab.audit.model import Check, Finding, Level

LEAKS_NOTHING = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SHOW = "curl -si http://10.10.10.1/api/docs/ -H 'Accept: text/html' | sed '/^\\r$/q'"
EDGE_OWNS = "The add_header lines in nginx/nginx.conf; a location with one of its own loses all of these."


def _answers(evidence: Evidence) -> Replies:
    return {**evidence.pages, **evidence.plain, **evidence.absent}


def _policy(reply: Reply) -> dict[str, list[str]]:
    """The directives of a Content-Security-Policy, each with its sources."""
    parts = [part.split() for part in reply.header("Content-Security-Policy").lower().split(";")]
    return {words[0]: words[1:] for words in parts if words}


def _scripts(reply: Reply) -> str | None:
    policy = _policy(reply)
    if not policy:
        return "it has no Content-Security-Policy"
    for name in ("script-src", "object-src"):
        sources = policy.get(name, policy.get("default-src", ["*"]))
        open_ = [one for one in sources if _is_open(one, sources)]
        if open_:
            return f"its Content-Security-Policy lets {name} be {' '.join(open_)}"
    return None


def _is_open(source: str, sources: list[str]) -> bool:
    if source == "'unsafe-inline'":  # without effect beside a nonce or a hash
        return not any(one.startswith(("'nonce-", "'sha")) for one in sources)
    return source in ("'unsafe-eval'", "*", "data:", "http:", "https:", "blob:")


def _base(reply: Reply) -> str | None:
    lacking = [name for name in ("base-uri", "form-action") if name not in _policy(reply)]
    return f"its Content-Security-Policy does not say {' and '.join(lacking)}" if lacking else None


def _frames(reply: Reply) -> str | None:
    ancestors = _policy(reply).get("frame-ancestors")
    if ancestors is not None:
        return None if set(ancestors) <= {"'none'", "'self'"} else f"frame-ancestors {' '.join(ancestors)}"
    said = reply.header("X-Frame-Options").upper()
    return None if said in ("DENY", "SAMEORIGIN") else f"X-Frame-Options is '{said}', no frame-ancestors"


def _sniffing(reply: Reply) -> str | None:
    said = reply.header("X-Content-Type-Options").lower()
    return None if said == "nosniff" else f"X-Content-Type-Options is '{said}'"


def _referrer(reply: Reply) -> str | None:
    said = {one.strip().lower() for one in reply.header("Referrer-Policy").split(",")}
    return None if said and said <= LEAKS_NOTHING else f"Referrer-Policy is '{', '.join(said)}'"


def _resource(reply: Reply) -> str | None:
    said = reply.header("Cross-Origin-Resource-Policy").lower()
    good = ("same-origin", "same-site")
    return None if said in good else f"Cross-Origin-Resource-Policy is '{said}'"


def _cors(reply: Reply) -> str | None:
    said = reply.header("Access-Control-Allow-Origin")
    return f"Access-Control-Allow-Origin is '{said}' for a stranger's page" if said else None


def _cookies(reply: Reply) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in reply.all("Set-Cookie"):
        found.load(line)
    return found


def _with_session(evidence: Evidence) -> Replies:
    return {**evidence.secure, "log-in's answer": evidence.session}


def _unsecured(reply: Reply) -> str | None:
    names = [name for name, morsel in _cookies(reply).items() if not morsel["secure"]]
    return f"cookie {', '.join(names)} without Secure" if names else None


def _cross_site(reply: Reply) -> str | None:
    names = [
        name
        for name, morsel in _cookies(reply).items()
        if morsel["samesite"].lower() not in ("lax", "strict")
    ]
    return f"cookie {', '.join(names)} without SameSite=Lax or Strict" if names else None


def _session(evidence: Evidence) -> Iterable[Finding]:
    for name, reply in replies(lambda every: {"log-in's answer": every.session})(evidence):
        morsel = _cookies(reply).get("sessionid")
        if morsel is None:
            yield Finding(name, f"status {reply.status} and no session cookie: the log-in did not work")
        elif not morsel["httponly"]:
            yield Finding(name, "cookie sessionid without HttpOnly")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "HTTP-CSP",
        Level.MEDIUM,
        "Every page says which scripts it runs: none of a stranger's, none within the page",
        "What a ticket's text smuggles into a page would run with the reader's rights.",
        "add_header Content-Security-Policy in nginx/nginx.conf: script-src 'self'.",
        SHOW,
        each(lambda evidence: evidence.pages, _scripts),
    ),
    Check(
        "HTTP-CSP-BASE",
        Level.LOW,
        "No page's links and forms can be turned elsewhere",
        "A smuggled <base> or <form> needs no script to carry a password away.",
        "base-uri 'none' and form-action 'self' in the policy of nginx/nginx.conf.",
        SHOW,
        each(lambda evidence: evidence.pages, _base),
    ),
    Check(
        "HTTP-FRAMES",
        Level.MEDIUM,
        "No answer may be shown in a stranger's frame",
        "A page in an invisible frame gets the reader's clicks (clickjacking).",
        EDGE_OWNS,
        SHOW,
        each(_answers, _frames),
    ),
    Check(
        "HTTP-SNIFF",
        Level.MEDIUM,
        "No browser guesses an answer's type",
        "A text that looks like a page would be taken for one, with its scripts.",
        EDGE_OWNS,
        SHOW,
        each(_answers, _sniffing),
    ),
    Check(
        "HTTP-REFERRER",
        Level.LOW,
        "No address within the service is told to other sites",
        "An address may carry what was searched for, or a token.",
        EDGE_OWNS,
        SHOW,
        each(_answers, _referrer),
    ),
    Check(
        "HTTP-CORP",
        Level.LOW,
        "No other site's page may load an answer as a picture or script of its own",
        "What is loaded into a page's process can be read there through the processor (Spectre).",
        EDGE_OWNS,
        SHOW,
        each(_answers, _resource),
    ),
    Check(
        "HTTP-CORS",
        Level.HIGH,
        "No other site's script may read an answer",
        "A page that a student has open elsewhere would read the tickets with the student's session.",
        "Take Access-Control-Allow-Origin out, or name the one origin that needs it.",
        "curl -si http://10.10.10.1/api/departments/ -H 'Origin: https://evil.example' | grep -i access-",
        each(lambda evidence: evidence.cors, _cors),
    ),
    Check(
        "HTTP-COOKIE-SECURE",
        Level.MEDIUM,
        "Every cookie that came by HTTPS stays with HTTPS",
        "Without Secure the browser shows the session to everybody on the way at the next http:// link.",
        "Sessions in app/drf_jwt_backend/pages.py marks them where the request came by HTTPS.",
        "make tls && curl -ski https://10.10.10.1/api/auth/login/ | grep -i set-cookie",
        each(_with_session, _unsecured),
    ),
    Check(
        "HTTP-COOKIE-HTTPONLY",
        Level.MEDIUM,
        "No script can read the session's cookie",
        "One smuggled script, and the session is somebody else's.",
        "SESSION_COOKIE_HTTPONLY = True in app/drf_jwt_backend/settings.py.",
        "grep -n COOKIE app/drf_jwt_backend/settings.py",
        _session,
    ),
    Check(
        "HTTP-COOKIE-SAMESITE",
        Level.MEDIUM,
        "No other site's form comes with our cookies",
        "A form on a stranger's page would act in the reader's name (CSRF).",
        "SESSION_COOKIE_SAMESITE and CSRF_COOKIE_SAMESITE in app/drf_jwt_backend/settings.py.",
        "grep -n COOKIE app/drf_jwt_backend/settings.py",
        each(_with_session, _cross_site),
    ),
)
