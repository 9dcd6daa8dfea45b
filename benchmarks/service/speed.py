"""The service beside its peers: how many requests a second, and how much CPU time each takes.

Every round measures each server once, in an order that rotates, so that whatever else the machine does hits
all alike. A ratio is taken within a round, and the median over the rounds counts: a machine that slows down
in the middle changes rates, but no ratios. CPU time is the steadier figure: who else uses the processors
makes a server slower, but its requests hardly dearer.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import cpu, wrk
from benchmarks.report import Result, progress
from benchmarks.service import data
from benchmarks.service.sameness import NEW
from benchmarks.service.servers import LIST, SERVICE, Server
from benchmarks.wrk import Request

ROUNDS = 5
CONNECTIONS = 8  # as many as the service has threads: all are busy, and nobody queues for long
SECONDS = 2  # of load for one sample, and as much before the first, which does not count


@dataclass(frozen=True, slots=True)
class Sample:
    """One server under one request for `SECONDS`."""

    rate: float  # requests a second
    cpu: float  # seconds of CPU a request


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over the rounds of how the service compares with a peer."""

    faster: float  # the service's rate over the peer's
    cheaper: float  # the peer's CPU time a request over the service's


@dataclass(frozen=True, slots=True)
class Bound:
    """What is promised about a peer: a text, and whether a comparison keeps it."""

    text: str
    keeps: Callable[[Comparison], bool]


Rounds = Mapping[str, Sequence[Sample]]  # by server, in the order of the rounds

_AHEAD = Bound("ahead in both", lambda seen: seen.faster > 1 and seen.cheaper > 1)
_FLOOR = Bound("≤ 1.5 x its CPU", lambda seen: 1 / seen.cheaper <= 1.5)
_READING = {
    "guide": Bound("≥ 5 x its rate", lambda seen: seen.faster >= 5),
    "ninja": _AHEAD,
    "fastapi": _AHEAD,
    "floor": _FLOOR,
}
BOUNDS: Mapping[str, Mapping[str, Bound]] = {
    "list of 50": _READING,
    "detail": _READING,
    "create": {"guide": Bound("≥ 3 x its rate", lambda seen: seen.faster >= 3)},
}


def requests() -> list[Request]:
    """The three requests: the second for a ticket that each server was seeded with, the last adding some."""
    return [
        Request("list of 50", "GET", LIST),
        Request("detail", "GET", f"{LIST}1/"),
        Request("create", "POST", LIST, json.dumps(NEW)),
    ]


def results(servers: Mapping[str, Server]) -> Iterator[Result]:
    """Measure every request on all servers, and compare."""
    for request in requests():
        rounds = measure(servers, request)
        for peer in servers:
            if peer != SERVICE:
                yield judge(request.name, peer, rounds)


def measure(servers: Mapping[str, Server], request: Request) -> Rounds:
    """`ROUNDS` samples of each server."""
    names, found = list(servers), {name: list[Sample]() for name in servers}
    token = servers[SERVICE].token(data.INSTRUCTOR)
    for server in servers.values():
        sample(server, request, token)
    for turn in range(ROUNDS):
        token = servers[SERVICE].token(data.INSTRUCTOR)  # one lives for five minutes
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            found[name].append(sample(servers[name], request, token))
        progress(f"{request.name}, round {turn + 1} of {ROUNDS}")
    return found


def sample(server: Server, request: Request, token: str) -> Sample:
    """One server under load."""
    before = cpu.seconds(server.pid)
    load = wrk.load(server.port, request, connections=CONNECTIONS, seconds=SECONDS, token=token)
    return Sample(load.rate, (cpu.seconds(server.pid) - before) / load.requests)


def compare(service: Sequence[Sample], peer: Sequence[Sample]) -> Comparison:
    """Ratios within each round, and their medians."""
    pairs = list(zip(service, peer, strict=True))
    return Comparison(
        faster=statistics.median(mine.rate / other.rate for mine, other in pairs),
        cheaper=statistics.median(other.cpu / mine.cpu for mine, other in pairs),
    )


def judge(name: str, peer: str, rounds: Rounds) -> Result:
    """How the service compares with a peer, and whether that is what is promised."""
    found = compare(rounds[SERVICE], rounds[peer])
    bound = BOUNDS[name].get(peer)
    return Result(
        what=f"{name}, {peer}",
        seen=(
            _figures(rounds[SERVICE]),
            _figures(rounds[peer]),
            f"rate x {found.faster:.2f}, CPU x {1 / found.cheaper:.2f}",
        ),
        bound=bound.text if bound else "for information",
        kept=bound is None or bound.keeps(found),
    )


def _figures(samples: Sequence[Sample]) -> str:
    rate = statistics.median(one.rate for one in samples)
    cost = statistics.median(one.cpu for one in samples) * 1000
    return f"{rate:,.0f}/s, {cost:.2f} ms"
