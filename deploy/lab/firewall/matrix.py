"""The reachability matrix: each flow of intent.toml sent for real, and judged by three things.

The outcome that the sender saw, the router's named counter, and whether the target was alive.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lab.errors import LabError
from lab.firewall import probe, sending, table, trace
from lab.firewall.alive import Targets
from lab.firewall.intent import Flow
from lab.firewall.sending import Sent
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


def run(site: Site, plan: Topology, flows: Iterable[Flow]) -> list[Result]:
    """Send every flow's packets, and judge what became of them; the results have the flows' order."""
    flows = list(flows)
    judge = _Judge(site, plan, table.rules(site), sending.send(site, plan, flows))
    return [judge.result(flow) for flow in flows]


class _Judge:
    """Tells what each flow's packets prove."""

    def __init__(
        self, site: Site, plan: Topology, rules: Iterable[table.Rule], sent: dict[Flow, Sent]
    ) -> None:
        self._site, self._plan = site, plan
        self._rules: dict[str, list[table.Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.counter, []).append(rule)
        self._sent = {flow: self._as_meant(flow, seen) for flow, seen in sent.items()}
        reached = [flow for flow, seen in self._sent.items() if flow.expect == seen.outcome == "accept"]
        self._targets = Targets(site, reached)

    def result(self, flow: Flow) -> Result:
        """What the flow's packets prove; an error is never a pass."""
        sent = self._sent[flow]
        rule = self._words(flow.counter if flow.counter in sent.moved else next(iter(sent.moved), ""))
        seen = (flow, sent.outcome, sent.moved)
        try:
            self._check(flow)
            if _complaint(flow, sent, rule) and flow.source is None:
                rule = self._deciding_rule(flow) or rule
        except LabError as error:
            return Result(*seen, rule, Verdict.ERROR, str(error))
        reason = _complaint(flow, sent, rule)
        return Result(*seen, rule, Verdict.FAILED if reason else Verdict.PASSED, reason)

    def _check(self, flow: Flow) -> None:
        """Raise LabError if the flow's packets prove nothing: they were not sent, or the target is dead."""
        if self._sent[flow].error:
            raise LabError(self._sent[flow].error)
        self._targets.check(flow, sending.addresses(self._plan, flow)[0])

    def _as_meant(self, flow: Flow, sent: Sent) -> Sent:
        """A refusal of a port where nothing need listen is the target's own if the router's rule accepts."""
        accepts = {rule.verdict for rule in self._rules.get(flow.counter, ())} == {"accept"}
        if sent.outcome == "reject" and flow.listener is not True and flow.counter in sent.moved and accepts:
            return dataclasses.replace(sent, outcome="accept")
        return sent

    def _deciding_rule(self, flow: Flow) -> str:
        address, _ = sending.addresses(self._plan, flow)
        return trace.deciding_rule(
            self._site, address, lambda: probe.outcome(self._site, flow, address, None)
        )

    def _words(self, counter: str) -> str:
        """What the rules say that use a counter; several rules may share one."""
        return " or ".join(rule.comment for rule in self._rules.get(counter, ()) if rule.comment)


def _complaint(flow: Flow, sent: Sent, rule: str) -> str:
    seen, moved = sent.outcome, sent.moved
    decided = f"the rule that decided is '{rule}'" if rule else "no rule of the router has seen it"
    if seen != flow.expect:
        others = f" (counted by {', '.join(moved)})" if moved else ""
        return f"{flow.words} must be {flow.expect}, but was {seen}; {decided}{others}"
    if flow.counter not in moved:
        counted = ", ".join(moved) or "none"
        return f"{flow.words} was {seen} as it must be, but not by {flow.counter} (moved: {counted})"
    return ""
