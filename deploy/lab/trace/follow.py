"""The whole of a trace: measure the round trip, send the request, gather what each hop says of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from lab.errors import ExitCode, LabError
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology
from lab.trace import probe, target
from lab.trace.parts import Part, split


@dataclass(frozen=True)
class Trace:
    """One request followed. Times are seconds; `edge_line` is Nginx's own log line, if it wrote one."""

    url: str
    host: str
    request_id: str
    response: probe.Response
    rtt: float | None
    edge_line: dict[str, Any] | None
    parts: list[Part]


def follow(settings: Settings, plan: Topology, url: str, host: str, token_of: str | None) -> Trace:
    """Trace one request from a host of the lab; raises LabError for what cannot be traced."""
    wanted = target.read(url, settings, plan)
    if plan.known(host) == ONE_SHOT:
        raise LabError(f"{ONE_SHOT} runs once and ends, so nothing can be traced from it; try client",
                       ExitCode.USAGE)  # fmt: skip
    user = _user(settings, token_of) if token_of else None
    rtt = probe.rtt(settings, host, wanted.address)
    token = probe.token(settings, host, wanted, user) if user else None
    name, since = probe.request_id(), time.time()
    response = probe.request(settings, host, wanted, name, token)
    at_edge = response.remote == plan.address("edge")
    line = probe.edge_line(settings, name, since) if at_edge else None
    edge = probe.edge_times(line) if line else None
    parts = split(response.times, edge, response.app, rtt, response.tls)
    return Trace(url, host, name, response, rtt, line, parts)


def _user(settings: Settings, username: str) -> dict[str, Any]:
    names = [user["username"] for user in settings.users]
    if username not in names:
        raise LabError(f"the lab has no user '{username}'; its users are {', '.join(names)}", ExitCode.USAGE)
    return settings.users[names.index(username)]
