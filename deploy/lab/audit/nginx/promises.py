"""What of the configuration this lab has its own reasons for.

A file that several locations include has its findings once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lab.audit.model import Check, Finding, Level
from lab.audit.nginx.evidence import Directive, Evidence

HTTP = ("http",)
SECRETS = re.compile(
    r"\$(request|request_uri|args|query_string|is_args|http_authorization|http_cookie|arg_\w+)\b"
)


def _tokens(evidence: Evidence) -> Iterable[Finding]:
    if not evidence.named("server_tokens", *HTTP):
        yield Finding("nginx.conf", "server_tokens is not set at http level")
    for one in evidence.named("server_tokens"):
        if one.args != ("off",):
            yield Finding(one.file, one.text)


def _listing(evidence: Evidence) -> Iterable[Finding]:
    return [Finding(one.file, one.text) for one in evidence.named("autoindex") if one.args != ("off",)]


def _alias(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.named("alias"):
        location = one.blocks[-1].removeprefix("location ")
        if location.endswith("/") != one.args[0].endswith("/") or not location.endswith("/"):
            yield Finding(location, f"{one.text}: both must end in a slash")


def _media(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.named("location"):
        inside = (*one.blocks, one.text)
        if one.args[-1].startswith("/media") and not evidence.named("internal", *inside):
            yield Finding(one.args[-1], "it is not internal")


def _default(evidence: Evidence) -> Iterable[Finding]:
    for port in sorted({_port(one) for one in evidence.named("listen")}):
        here = [one for one in evidence.named("listen") if _port(one) == port]
        defaults = [one for one in here if "default_server" in one.args]
        if not defaults:
            yield Finding(f"port {port}", "no server is the default one, so the first one is")
        for one in defaults:
            if [said.args for said in evidence.beside(one, "return")] != [("444",)]:
                yield Finding(f"port {port}", "the default server does more than close the connection")


def _port(listen: Directive) -> str:
    return listen.args[0].rpartition(":")[2]


def _forwarded(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.named("proxy_pass"):
        told = {header.args[0]: header for header in evidence.beside(one, "proxy_set_header")}
        lacking = [name for name in ("X-Forwarded-For", "Host") if name not in told]
        if lacking:
            yield Finding(one.blocks[-1], f"{' and '.join(lacking)} is not set")
    for header in evidence.named("proxy_set_header"):
        name, value = header.args
        if (name == "X-Forwarded-For" and value != "$remote_addr") or (
            name == "Host" and "$http_host" in value
        ):
            yield Finding(header.file, header.text)


def _log(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.named("log_format"):
        found = sorted({match[0] for match in SECRETS.finditer(" ".join(one.args))})
        if found:
            yield Finding(one.args[0], f"it writes {', '.join(found)}")


def _once(judge: Callable[[Evidence], Iterable[Finding]]) -> Callable[[Evidence], Iterable[Finding]]:
    return lambda evidence: dict.fromkeys(judge(evidence))


def _repeated(evidence: Evidence) -> Iterable[Finding]:
    for one in evidence.named("proxy_next_upstream"):
        if "non_idempotent" in one.args:
            yield Finding(one.file, one.text)


def _kept(evidence: Evidence) -> Iterable[Finding]:
    guarded = [name for name in ("proxy_no_cache", "proxy_cache_bypass") if evidence.named(name, *HTTP)]
    for one in evidence.named("proxy_cache"):
        if one.args != ("off",) and len(guarded) != 2:
            yield Finding(
                one.blocks[-1], f"{one.text} without proxy_no_cache and proxy_cache_bypass at http level"
            )


def _tickets(evidence: Evidence) -> Iterable[Finding]:
    if evidence.named("ssl_certificate") and [one.args for one in evidence.named("ssl_session_tickets")] != [
        ("off",)
    ]:
        yield Finding("tls.conf", "ssl_session_tickets is not off")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "NGINX-TOKENS",
        Level.LOW,
        "Nginx does not say which version it is",
        "A version is looked up in a list of known holes within a second.",
        "server_tokens off; at http level of nginx/nginx.conf.",
        "grep -n server_tokens nginx/*.conf",
        _tokens,
    ),
    Check(
        "NGINX-LISTING",
        Level.MEDIUM,
        "No directory is listed",
        "A backup or an upload that nobody links to is found in it.",
        "Take autoindex out of nginx/nginx.conf.",
        "grep -n autoindex nginx/*.conf",
        _listing,
    ),
    Check(
        "NGINX-ALIAS",
        Level.HIGH,
        "Every alias and its location end in a slash",
        "Else /static../ leads to the directory above.",
        "Write location /static/ and alias …/; in nginx/nginx.conf.",
        "curl -i --path-as-is http://10.10.10.1/static../etc/passwd",
        _alias,
    ),
    Check(
        "NGINX-MEDIA",
        Level.HIGH,
        "Pictures are sent only where the application says so",
        "It looks at who asks; a plain file server does not.",
        "internal; in location /media/ of nginx/nginx.conf.",
        "curl -i http://10.10.10.1/media/",
        _media,
    ),
    Check(
        "NGINX-DEFAULT",
        Level.MEDIUM,
        "On every port the default server closes the connection",
        "Without one the first server block answers to any name.",
        "listen … default_server; and return 444; in a server block of nginx/nginx.conf.",
        "curl -i http://10.10.10.1/ -H 'Host: evil.example'",
        _default,
    ),
    Check(
        "NGINX-FORWARDED",
        Level.HIGH,
        "Every location tells the application the client's true address and a checked name",
        "Throttles count by it, links are made from it. A location with a header of its own loses the rest.",
        "include forwarded.conf; beside each proxy_pass.",
        "curl -s http://10.10.10.1/api/whoami/ -H 'X-Forwarded-For: 198.51.100.7'",
        _once(_forwarded),
    ),
    Check(
        "NGINX-LOG",
        Level.MEDIUM,
        "No log has tokens, cookies or whole queries in it",
        "Logs are copied, shown in class and kept for longer than a token should be.",
        "Write $edge_logged_uri in log_format, as nginx/nginx.conf does.",
        "make logs HOST=edge",
        _log,
    ),
    Check(
        "NGINX-REPEAT",
        Level.MEDIUM,
        "What files or changes a ticket is never sent to a second replica",
        "The first one may have done it already: the ticket would be there twice.",
        "Take non_idempotent out of proxy_next_upstream in nginx/proxy.conf.",
        "grep -n next_upstream nginx/*.conf",
        _once(_repeated),
    ),
    Check(
        "NGINX-CACHE",
        Level.HIGH,
        "What is cached is asked first whether it was for somebody",
        "One shared cache, and the next caller reads what an instructor saw.",
        "proxy_no_cache and proxy_cache_bypass $edge_somebody; at http level of nginx/nginx.conf.",
        "grep -n 'proxy_.*cache' nginx/nginx.conf",
        _kept,
    ),
    Check(
        "NGINX-TICKETS",
        Level.LOW,
        "No session tickets are given out",
        "Their key lives as long as Nginx does, and forward secrecy no longer than it.",
        "ssl_session_tickets off; in nginx/tls.conf.",
        "grep -n tickets nginx/tls.conf",
        _tickets,
    ),
)
