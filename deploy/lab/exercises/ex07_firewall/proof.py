"""The policy proved by packets: every flow sent, and what is blocked shown to be alive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex07_firewall import flows, reading
from lab.exercises.ex07_firewall.asked import COUNTER, Policy
from lab.exercises.ex07_firewall.flows import Wanted
from lab.exercises.model import Judgement
from lab.firewall import probe, sending, table, trace
from lab.firewall.alive import Targets
from lab.firewall.intent import Flow
from lab.firewall.site import Containers

AT_ONCE = 12


@dataclass(frozen=True)
class _Lab:
    running: RunningLab
    site: Containers

    def outcome(self, flow: Flow) -> str:
        """What becomes of a flow's packets; a busy machine may answer too late, so silence is asked twice."""
        seen = self.sent(flow)
        return self.sent(flow) if seen == "drop" != flow.expect else seen

    def sent(self, flow: Flow) -> str:
        """The same, sent once."""
        return probe.outcome(self.site, flow, self.address(flow), None)

    def address(self, flow: Flow) -> str:
        """The address that a flow is sent to."""
        return sending.addresses(self.running.plan, flow)[0]


def judge(running: RunningLab, policy: Policy) -> list[Judgement]:
    """A judgement for each flow of the policy.

    Raises LabError (exit code 3) if a target is dead: then nothing is known of what seems to be blocked.
    """
    lab, rules = _Lab(running, Containers(running.settings)), running.rules()
    opened = flows.monitored(policy)
    seen, counted = _counting(lab, opened.flow)
    others = flows.others(policy)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = dict(zip(others, pool.map(lab.outcome, [one.flow for one in others]), strict=True))
    _must_be_alive(lab, {opened: seen, **outcomes})
    return [
        _default(rules),
        _opened(lab, policy, rules, seen),
        _counted(rules, seen, counted),
        *(_judged(one, outcome) for one, outcome in outcomes.items()),
    ]


def _counting(lab: _Lab, flow: Flow) -> tuple[str, bool]:
    """What became of the flow, before any other is sent, and whether the student's counter has moved."""
    before = table.counters(lab.site).get(COUNTER)
    seen = lab.outcome(flow)
    after = table.counters(lab.site).get(COUNTER)
    return seen, bool(before and after and after.packets > before.packets)


def _must_be_alive(lab: _Lab, outcomes: dict[Wanted, str]) -> None:
    """A packet that is dropped on its way to a dead host proves nothing."""
    reached = [one.flow for one, outcome in outcomes.items() if outcome == one.flow.expect == "accept"]
    targets = Targets(lab.site, reached)
    for one in outcomes:
        try:
            targets.check(one.flow, lab.address(one.flow))
        except LabError as error:
            raise LabError(f"{one.flow.words} proves nothing: {error}", ExitCode.UNMEASURED) from error


def _default(rules: str) -> Judgement:
    there = reading.drops_by_default(rules)
    hint = "" if there else "the chains forward and input must end in policy drop, whatever else they allow"
    return Judgement("what no rule names is dropped", there, hint)


def _opened(lab: _Lab, policy: Policy, rules: str, seen: str) -> Judgement:
    wanted = flows.monitored(policy)
    if seen == "accept":
        return Judgement(wanted.words, True)
    why = reading.why_closed(rules, policy, *map(lab.running.address, (policy.monitor, policy.app)))
    decided = trace.deciding_rule(lab.site, lab.address(wanted.flow), lambda: lab.sent(wanted.flow))
    told = f" (of the SYN, the rule that decided is '{decided}')" if decided else ""
    return Judgement(wanted.words, False, f"{why}{told}")


def _counted(rules: str, seen: str, counted: bool) -> Judgement:
    what = f"the counter {COUNTER} has counted it"
    if seen != "accept":
        return Judgement(what, False, "first let it pass")
    return Judgement(what, counted, "" if counted else reading.uncounted(rules))


def _judged(wanted: Wanted, seen: str) -> Judgement:
    if seen == wanted.flow.expect:
        return Judgement(wanted.words, True)
    hint = wanted.hint if seen == "accept" else wanted.blocked_otherwise or wanted.hint
    return Judgement(wanted.words, False, f"it was {seen}; {hint}")
