"""The reachability matrix: each flow of intent.toml sent for real, and judged by three things.

The outcome that the sender saw, the router's named counter, and whether the target was alive: a packet that
is dropped on its way to a dead host proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from lab.errors import LabError
from lab.firewall import probe, table, trace
from lab.firewall.intent import Flow
from lab.firewall.site import Site
from lab.topology import Topology


class Verdict(Enum):
    """What a flow's test is worth; an error is never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


@dataclass(frozen=True)
class Result:
    """One flow: what the sender saw, which counters moved, the deciding rule, and the verdict."""

    flow: Flow
    outcome: str
    moved: tuple[str, ...]
    rule: str
    verdict: Verdict
    reason: str = ""


def run(site: Site, plan: Topology, flows: Iterable[Flow]) -> Iterator[Result]:
    """Send each flow's packets and yield its result."""
    comments = _comments(table.rules(site))
    for flow in flows:
        try:
            yield _result(site, plan, flow, comments)
        except LabError as error:
            yield Result(flow, "?", (), "", Verdict.ERROR, str(error))


def _comments(rules: Iterable[table.Rule]) -> dict[str, str]:
    """What the rules say that use a counter; several rules may share one."""
    said: dict[str, list[str]] = {}
    for rule in rules:
        said.setdefault(rule.counter, []).append(rule.comment)
    return {counter: " or ".join(filter(None, comments)) for counter, comments in said.items()}


def _result(site: Site, plan: Topology, flow: Flow, comments: dict[str, str]) -> Result:
    address = _address(plan, flow)
    source = plan.address(flow.source) if flow.source else None
    dead = _dead(site, flow, address)
    before = table.counters(site)
    seen = probe.outcome(site, flow, address, source)
    after = table.counters(site)
    moved = tuple(
        name for name in after if after[name].packets > before[name].packets and name != "established"
    )
    deciding = next((name for name in moved if name == flow.counter), moved[0] if moved else "")
    rule = comments.get(deciding, "")
    if dead:
        return Result(flow, seen, moved, rule, Verdict.ERROR, dead)
    reason = _complaint(flow, seen, moved, rule)
    if reason and source is None:
        rule = trace.deciding_rule(site, address, lambda: probe.outcome(site, flow, address, source)) or rule
        reason = _complaint(flow, seen, moved, rule)
    return Result(flow, seen, moved, rule, Verdict.FAILED if reason else Verdict.PASSED, reason)


def _address(plan: Topology, flow: Flow) -> str:
    """The target's address; the router's is the one that it has in the sender's zone."""
    if flow.target != "router":
        return plan.address(flow.target)
    (zone,) = plan.hosts[flow.origin].addresses
    return str(plan.zones[zone].router)


def _dead(site: Site, flow: Flow, address: str) -> str:
    """Why the target cannot serve as one, asked on the target itself; empty if it is alive."""
    if flow.protocol != "tcp" or flow.target == "router":
        return "" if site.run(flow.target, ["true"]).returncode == 0 else f"host {flow.target} does not run"
    own = probe.connect(site, flow.target, address, flow.port or 0)
    if flow.listener and own != "accept":
        return (
            f"nothing listens on {flow.target} at {address}:{flow.port}, so that silence would prove nothing"
        )
    if not flow.listener and own != "reject":
        return (
            f"intent.toml says that nothing listens on {flow.target} at port {flow.port}, but something does"
        )
    return ""


def _complaint(flow: Flow, seen: str, moved: tuple[str, ...], rule: str) -> str:
    decided = f"the rule that decided is '{rule}'" if rule else "no rule of the router has seen it"
    if seen != flow.expect:
        others = f" (counted by {', '.join(moved)})" if moved else ""
        return f"{flow.words} must be {flow.expect}, but was {seen}; {decided}{others}"
    if flow.counter not in moved:
        counted = ", ".join(moved) or "none"
        return f"{flow.words} was {seen} as it must be, but not by {flow.counter} (moved: {counted})"
    return ""
