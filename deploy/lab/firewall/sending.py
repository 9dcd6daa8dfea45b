"""Sending the matrix's packets, and telling whose packet moved which counter.

The sender of a dropped packet waits a second and a half in vain, but the router has counted it at once. So
the next flow is sent as soon as the last one is counted, and only the waiting is done for many together: each
change of a counter belongs to one flow, and two rules that have each other's counters are both found out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from lab.errors import LabError
from lab.firewall import probe, table
from lab.firewall.intent import Flow
from lab.firewall.site import Site
from lab.topology import Topology

AT_ONCE = 8


@dataclass(frozen=True)
class Sent:
    """A flow's packet: what the sender saw, the counters that it moved, or why it could not be sent."""

    outcome: str
    moved: tuple[str, ...]
    error: str = ""


def send(site: Site, plan: Topology, flows: Iterable[Flow]) -> dict[Flow, Sent]:
    """Send each flow's packets; what must be accepted first, so that the targets are known to be alive.

    A busy machine may answer too late: what must be accepted and seems to be dropped is sent once more.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        volley = _Volley(site, plan, pool)
        shots = [(flow, *volley.send(flow)) for flow in _in_order(flows)]
        sent = {flow: _seen(answer, moved) for flow, answer, moved in shots}
        for flow in sent:
            if (flow.expect, sent[flow].outcome) == ("accept", "drop"):
                sent[flow] = _seen(*volley.send(flow))
    return sent


def addresses(plan: Topology, flow: Flow) -> tuple[str, str | None]:
    """The address of the target, and that of a forged source."""
    return _address(plan, flow, flow.target), _address(plan, flow, flow.source) if flow.source else None


def _address(plan: Topology, flow: Flow, name: str) -> str:
    """A host's address; the router's is the one that it has in the sender's zone."""
    if name != "router":
        return plan.address(name)
    (zone,) = plan.hosts[flow.origin].addresses
    return str(plan.zones[zone].router)


def _in_order(flows: Iterable[Flow]) -> list[Flow]:
    """What must be accepted first; flows with one counter apart, as they cannot be under way together."""
    seen: Counter[str] = Counter()
    turns = {}
    for flow in flows:
        turns[flow] = (flow.expect != "accept", seen[flow.counter])
        seen[flow.counter] += 1
    return sorted(turns, key=turns.__getitem__)


class _Volley:
    """Flows under way, by the counters that they have moved."""

    def __init__(self, site: Site, plan: Topology, pool: ThreadPoolExecutor) -> None:
        self._site, self._plan, self._pool = site, plan, pool
        self._under_way: dict[str, Future[str]] = {}

    def send(self, flow: Flow) -> tuple[Future[str], tuple[str, ...]]:
        """Send the flow's packets; return when its counter has moved, or when its sender knows the outcome.

        What is under way has moved its own counter already, and may move it again: TCP tries twice.
        """
        if flow.counter in self._under_way:
            wait([self._under_way.pop(flow.counter)])
        others = {name for name, answer in self._under_way.items() if not answer.done()}
        before = table.counters(self._site)
        answer = self._pool.submit(probe.outcome, self._site, flow, *addresses(self._plan, flow))
        moved: tuple[str, ...] = ()
        over = False
        while flow.counter not in moved and not over:
            over = answer.done()
            moved = self._moved_since(before, others)
        self._under_way[flow.counter] = answer
        return answer, moved

    def _moved_since(self, before: dict[str, table.Counter], others: set[str]) -> tuple[str, ...]:
        after = table.counters(self._site)
        moved = (name for name in after if after[name].packets > before[name].packets)
        return tuple(name for name in moved if name != "established" and name not in others)


def _seen(answer: Future[str], moved: tuple[str, ...]) -> Sent:
    try:
        return Sent(answer.result(), moved)
    except LabError as error:
        return Sent("?", moved, str(error))
