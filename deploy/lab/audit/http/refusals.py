"""What the edge must refuse or hide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lab.audit.door import Reply
from lab.audit.http.evidence import (
    Evidence,
    Replies,
    each,
)
from lab.audit.model import Check, Finding, Level, UnmeasuredError

VERSION = re.compile(
    r"(nginx|gunicorn|django|python|wsgiserver|debian|ubuntu|openssl)[/ ]v?\d", re.IGNORECASE
)
TELLTALE = ("X-Powered-By", "X-AspNet-Version", "X-Runtime", "X-Generator", "Via")
DEBUG = re.compile(r"DEBUG = True|Traceback \(most recent|URLconf|Django Version:|Exception Location")
SECRET_CONTENT = re.compile(r"root:[^:]*:0:0:|\[core\]|SECRET_KEY|PASSWORD=|^services:|SQLite format", re.M)


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
        "Nothing but /static/, /docs/ and /media/ has an alias in nginx/nginx.conf.",
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
)
