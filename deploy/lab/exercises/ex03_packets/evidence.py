"""What a student's two captures show: whether they are of the asked request, made at the asked places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.exercises.ex03_packets import pcap
from lab.exercises.ex03_packets.asked import NUMBER, Asked, file
from lab.exercises.ex03_packets.pcap import Connection
from lab.exercises.model import Judgement
from lab.topology import Topology

SENT_TTL, ROUTED_TTL = 64, 63  # as Linux sends, and behind one router
HTTP, APP = 80, 8000
AGAIN = f"capture again: docs/exercises/{NUMBER:02}-packets.md"


@dataclass(frozen=True)
class Evidence:
    """The asked request: as it left the client, as it reached the edge, and as the edge passed it on."""

    left: Connection
    arrived: Connection
    passed_on: Connection


@dataclass(frozen=True)
class Found:
    """What was looked at, and the evidence if all of it was right."""

    judgements: Sequence[Judgement]
    evidence: Evidence | None


def gather(plan: Topology, drawn: Asked) -> Found:
    """Read both captures and judge them; raises LabError for a file that is no capture."""
    captures: dict[str, list[Connection]] = {}
    for place in ("client", "edge"):
        if not file(place).exists():
            hint = f"it is not there: make capture HOST={place} …, then copy the file from captures/"
            return Found([Judgement(f"answers/03-{place}.pcap is there", False, hint)], None)
        captures[place] = pcap.read(file(place), f"answers/03-{place}.pcap")
    return judge(captures["client"], captures["edge"], plan, drawn)


def judge(client: Sequence[Connection], edge: Sequence[Connection], plan: Topology, drawn: Asked) -> Found:
    """Judge the connections of both captures, and stop at what makes the rest meaningless."""
    judgements: list[Judgement] = []
    left, arrived = (_front(found, plan, drawn) for found in (client, edge))
    passed_on = next(
        (one for one in edge if _is_behind(one, plan) and drawn.request_id in one.request_ids), None
    )
    steps = (
        ("the client's capture has your request", _no_request(client, left, drawn)),
        ("… with the handshake before it", _no_handshake(left)),
        ("… as it left the client", _elsewhere(left, "client", SENT_TTL)),
        ("the edge's capture has your request", _no_request(edge, arrived, drawn)),
        ("… as it reached the edge", _elsewhere(arrived, "edge", ROUTED_TTL)),
        ("… and it is the same one", _another(left, arrived)),
        ("… and what the edge sent to the app", _not_passed_on(edge, passed_on, plan)),
    )
    for what, hint in steps:
        judgements.append(Judgement(what, not hint, hint))
        if hint:
            return Found(judgements, None)
    if left is None or arrived is None or passed_on is None:  # a step above has said so
        return Found(judgements, None)
    return Found(judgements, Evidence(left, arrived, passed_on))


def _front(connections: Sequence[Connection], plan: Topology, drawn: Asked) -> Connection | None:
    """The connection to the edge that carries the request; the last one, if it was sent more than once."""
    there = [one for one in connections if one.server == (plan.address("edge"), HTTP)]
    return next((one for one in reversed(there) if drawn.request_id in one.request_ids), None)


def _is_behind(connection: Connection, plan: Topology) -> bool:
    return connection.client[0] == plan.address("edge") and connection.server[1] == APP


def _no_request(connections: Sequence[Connection], found: Connection | None, drawn: Asked) -> str:
    """Why a capture does not have the asked request; empty if it has."""
    if found is None:
        return _why_not(connections, drawn)
    if found.content_length != drawn.body:
        return f"the request in it announces {found.content_length} bytes of body, and yours has {drawn.body}"
    if found.client[1] not in drawn.ports:
        return (
            f"it comes from port {found.client[1]}; yours are {drawn.ports[0]} to {drawn.ports[-1]}: "
            "curl --local-port"
        )
    return ""


def _why_not(connections: Sequence[Connection], drawn: Asked) -> str:
    if not connections:
        return f"there is no TCP to port {HTTP} or {APP} in it; was the request sent while it ran? {AGAIN}"
    ids = sorted({one for connection in connections for one in connection.request_ids})
    if ids:
        return f"the request in it has X-Request-ID {ids[0]}, and yours is {drawn.request_id}"
    if not any(connection.sent for connection in connections):
        return "it has headers of packets and no data, so that your request's id cannot be seen: PAYLOAD=1"
    return f"no request in it has an X-Request-ID; yours is {drawn.request_id}: curl -H"


def _no_handshake(found: Connection | None) -> str:
    if found is None or found.handshake:
        return ""
    if found.syn is None:
        return (
            "there is no SYN: the connection was open before the capture began, or was kept alive from an "
            "earlier request; start the capture first, then send one request"
        )
    return f"SYN, SYN/ACK and ACK are not all there; {AGAIN}"


def _elsewhere(found: Connection | None, host: str, ttl: int) -> str:
    """The TTL says where a packet was captured: each router on its way takes one off."""
    seen = found.out[0].ttl if found else ttl
    if seen == ttl:
        return ""
    other = "behind the router already" if seen < ttl else "before the router"
    return f"the client's packets have TTL {seen} in it, so it was captured {other}: capture with HOST={host}"


def _another(left: Connection | None, arrived: Connection | None) -> str:
    first, second = (one.out[0].sequence if one else None for one in (left, arrived))
    if first == second:
        return ""
    return "the two captures are of different requests: let both run, and then send it once"


def _not_passed_on(edge: Sequence[Connection], found: Connection | None, plan: Topology) -> str:
    if found is not None:
        return ""
    if not any(_is_behind(one, plan) for one in edge):
        return f"the edge's own connection to the app is not in it: the filter must take port {APP} as well"
    return f"what the edge sent to the app has not your request's id; {AGAIN}"


def hops(evidence: Evidence, plan: Topology) -> Iterator[str]:
    """The hosts that must have logged the request: the edge, and the app server that was asked."""
    yield "edge"
    asked = evidence.passed_on.server[0]
    yield from (name for name, host in plan.hosts.items() if str(host.address) == asked)
