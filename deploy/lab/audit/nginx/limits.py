"""What one client may take: time, room, connections, guesses. The family limits looks whether it is so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lab.audit.model import Check, Finding, Level
from lab.audit.nginx.evidence import Evidence
from lab.audit.nginx.promises import HTTP

# At most, in seconds: the whole header; between two reads of the body; between two writes of the answer.
TIMEOUTS = {"client_header_timeout": 20, "client_body_timeout": 30, "send_timeout": 60}
LARGEST_BODY = 10 * 1024**2  # bytes
MOST_CONNECTIONS = 4096  # of one address: half of what a worker has
LOGINS = ("POST /api/token/", "POST /api/auth/login/", "POST /admin/login/")
UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
SECONDS = {"ms": 0.001, "s": 1, "": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """A time of Nginx's, such as 10s or 1m30s, in seconds; raises ValueError for another text."""
    parts = re.findall(r"(\d+)(ms|[smhd]?)", text)
    if "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"'{text}' is no time")
    return sum(int(number) * SECONDS[unit] for number, unit in parts)


def size(text: str) -> int:
    """A size of Nginx's, such as 6m, in bytes; raises ValueError for another text."""
    found = re.fullmatch(r"(\d+)([kmg]?)", text.lower())
    if not found:
        raise ValueError(f"'{text}' is no size")
    return int(found[1]) * UNITS[found[2]]


def _timeouts(evidence: Evidence) -> Iterable[Finding]:
    for name, longest in TIMEOUTS.items():
        if not evidence.named(name, *HTTP):
            yield Finding("nginx.conf", f"{name} is not set at http level")
        for one in evidence.named(name):
            if seconds(one.args[0]) > longest:
                yield Finding(one.file, f"{one.text}, and {longest} s are enough")


def _bodies(evidence: Evidence) -> Iterable[Finding]:
    if not evidence.named("client_max_body_size", *HTTP):
        yield Finding("nginx.conf", "client_max_body_size is not set at http level")
    for one in evidence.named("client_max_body_size"):
        if not 0 < size(one.args[0]) <= LARGEST_BODY:
            yield Finding(one.file, one.text)


def _connections(evidence: Evidence) -> Iterable[Finding]:
    zones = {
        one.args[1].partition(":")[0].removeprefix("zone="): one.args[0]
        for one in evidence.named("limit_conn_zone")
    }
    counting = [
        one
        for one in evidence.named("limit_conn")
        if zones.get(one.args[0]) in ("$binary_remote_addr", "$remote_addr")
    ]
    # One of another kind in a block switches those of the level above off there.
    for blocks in {HTTP, *(one.blocks for one in evidence.named("limit_conn"))}:
        if not [one for one in counting if one.blocks == blocks]:
            yield Finding(blocks[-1], "no limit_conn counts by address there")
    for one in counting:
        if int(one.args[1]) > MOST_CONNECTIONS:
            yield Finding(one.file, one.text)


def _guesses(evidence: Evidence) -> Iterable[Finding]:
    keys = {
        one.args[1].partition(":")[0].removeprefix("zone="): one.args[0]
        for one in evidence.named("limit_req_zone")
    }
    used = {
        keys.get(arg.removeprefix("zone="))
        for one in evidence.named("limit_req", *HTTP)
        for arg in one.args
        if arg.startswith("zone=")
    }
    counted = {
        one.name
        for one in evidence.directives
        if one.blocks
        and one.blocks[-1].startswith("map ")
        and one.blocks[-1].split()[-1] in used
        and one.args == ("$binary_remote_addr",)
    }
    return [Finding(path, "no limit_req counts it") for path in LOGINS if path not in counted]


def _status(evidence: Evidence) -> Iterable[Finding]:
    for name in ("limit_req_status", "limit_conn_status"):
        said = [one.args for one in evidence.named(name, *HTTP)]
        if said != [("429",)]:
            yield Finding("nginx.conf", f"{name} is not 429")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "NGINX-TIMEOUTS",
        Level.MEDIUM,
        "No client may take long over its header, its body or the answer, whichever server it asks",
        "Until the Host header is read the default server's times hold: a slow one would outlive another's.",
        "client_header_timeout, client_body_timeout and send_timeout at http level of nginx/nginx.conf.",
        "grep -n timeout nginx/nginx.conf",
        _timeouts,
    ),
    Check(
        "NGINX-BODY",
        Level.MEDIUM,
        "No body may be larger than a ticket with its picture",
        "Every one is written to memory or disk before the application sees it.",
        "client_max_body_size 6m; at http level of nginx/nginx.conf.",
        "grep -n body_size nginx/*.conf",
        _bodies,
    ),
    Check(
        "NGINX-CONNECTIONS",
        Level.MEDIUM,
        "One address may have only so many requests under way",
        "Two workers hold so many connections in all; one client could take each of them.",
        "limit_conn by $binary_remote_addr at http level of nginx/nginx.conf.",
        "grep -n limit_conn nginx/*.conf",
        _connections,
    ),
    Check(
        "NGINX-GUESSES",
        Level.MEDIUM,
        "Every address to log in at is counted by address",
        "A guesser needs many tries, and each costs a quarter of a second of hashing.",
        "map … $login_from and limit_req in nginx/nginx.conf.",
        "grep -n login_from nginx/nginx.conf",
        _guesses,
    ),
    Check(
        "NGINX-429",
        Level.LOW,
        "Whoever is limited is told so: 429, not 503",
        "A 503 makes a load balancer think that the service is down, and a client come back at once.",
        "limit_req_status 429; and limit_conn_status 429; at http level of nginx/nginx.conf.",
        "grep -n limit_.*_status nginx/nginx.conf",
        _status,
    ),
)
