"""Exercise 7: the rules for a policy, and which hint fits rules that do something else."""

from __future__ import annotations

from itertools import product
from typing import cast

import pytest

from lab import settings, topology
from lab.exercises import ex07_firewall
from lab.exercises.bench import RunningLab
from lab.exercises.ex07_firewall import asked, flows, reading, solution
from lab.exercises.ex07_firewall.asked import APPS, MONITORS, PINGERS, Policy
from lab.exercises.student import Draw
from lab.firewall import loader, ownership

PLAN = topology.read(settings.defaults())
POLICY = Policy("client", "app2", 9123, "reject", "app1")
SOURCE, TARGET = PLAN.address("client"), PLAN.address("app2")
RULE = f'\t\tip saddr {SOURCE} ip daddr {TARGET} tcp dport 9123 counter name "monitor_to_app" accept'
STATE = "\t\tct state vmap { invalid : goto broken, established : goto known, related : goto known }"
DEFAULT = "\t\ttype filter hook {} priority filter; policy {};"


class _Addresses:
    """As much of a lab as the rules' text needs."""

    address = staticmethod(PLAN.address)


LAB = cast("RunningLab", _Addresses())


def _listed(*lines: str, state: str = STATE, forward: str = "drop", ends: str = "drop") -> str:
    """Rules as nft lists them."""
    return "\n".join(
        (
            "table inet lab {", "\tcounter monitor_to_app {", "\t}",
            "\tchain forward {", DEFAULT.format("forward", forward), state, *lines, "\t}",
            "\tchain input {", DEFAULT.format("input", ends), "\t\tct state established accept", "\t}", "}",
        )
    )  # fmt: skip


def _why(*lines: str, state: str = STATE) -> str:
    return reading.why_closed(_listed(*lines, state=state), POLICY, SOURCE, TARGET)


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        (RULE, "never reached"),
        (RULE.replace("9123", "{ 9123, 9124 }"), "never reached"),
        ("", "no rule in force names port 9123"),
        (RULE.replace("9123", "19123"), "no rule in force names port 9123"),
        (RULE.replace("tcp dport", "udp dport"), "not about TCP"),
        (RULE.replace("tcp dport", "sport 1 udp dport"), "not about TCP"),
        (RULE.replace(SOURCE, "10.9.9.9"), f"ip saddr must be {SOURCE}"),
        (RULE.replace(TARGET, "10.9.9.9"), f"ip daddr must be {TARGET}"),
    ],
)
def test_the_hint_says_why_the_port_is_closed(rule: str, hint: str) -> None:
    assert hint in _why(rule)


@pytest.mark.parametrize(
    "state", ["", "\t\tct state invalid drop", "\t\tip saddr 10.10.10.1 tcp sport 80 accept"]
)
def test_without_a_state_replies_are_lost_whatever_the_rule_says(state: str) -> None:
    assert "SYN/ACK is dropped" in _why(RULE, state=state)
    assert "established" in _why(RULE, state=state)


def test_both_chains_must_drop_by_default() -> None:
    assert reading.drops_by_default(_listed())
    assert not reading.drops_by_default(_listed(forward="accept"))
    assert not reading.drops_by_default(_listed(ends="accept"))
    assert not reading.drops_by_default("")


@pytest.mark.parametrize(
    ("rules", "hint"),
    [
        (_listed(RULE).replace("counter monitor_to_app {", "counter other {"), "declare it"),
        (_listed(RULE.replace("monitor_to_app", "other")), "no rule counts with it"),
        (_listed(RULE), "another rule let the packet through"),
    ],
)
def test_the_hint_says_why_nothing_was_counted(rules: str, hint: str) -> None:
    assert hint in reading.uncounted(rules)


def test_the_reference_adds_four_lines_to_the_shipped_rules_and_takes_none_away() -> None:
    shipped, text = loader.FILE.read_text(), solution.rules(LAB, POLICY)
    added = list(text.splitlines())
    for line in shipped.splitlines():
        added.remove(line)
    assert len(added) == 4
    ownership.check(text, "07.nft")


def test_a_passage_that_is_not_there_once_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times"):
        solution.put("a", "b", after="c")
    with pytest.raises(ValueError, match="2 times"):
        solution.put("b b", "b", after="c")


def test_no_flow_is_asked_both_ways_whatever_is_drawn() -> None:
    for monitor, app, verdict, pinger in product(MONITORS, APPS, ("reject", "drop"), PINGERS):
        policy = Policy(monitor, app, 9500, verdict, pinger)
        wanted = (flows.monitored(policy), *flows.others(policy))
        asked_for = [(one.flow.origin, one.flow.target, one.flow.protocol, one.flow.port) for one in wanted]
        assert len(asked_for) == len(set(asked_for)), policy
        assert all(one.flow.origin != one.flow.target for one in wanted)
        assert all(one.hint for one in wanted)


def test_every_blocked_service_has_a_listener_but_where_none_is_needed() -> None:
    """What nobody listens to can be told from a block only by the target's own refusal."""
    silent = {one.flow.words for one in flows.others(POLICY) if one.flow.listener is False}
    assert silent == {
        "client → app2 udp/9123", "client → app2 tcp/9124", "app2 → client tcp/9123", "app1 → client tcp/22",
        "client → edge udp/53", "client → router tcp/22",
    }  # fmt: skip


def test_the_answers_are_those_that_are_asked_and_depend_on_what_is_drawn() -> None:
    names = [question.name for question in asked.questions(POLICY)]
    assert list(solution.answers(LAB, POLICY)) == names
    assert [truth.question for truth in ex07_firewall._truths(POLICY)] == names
    policies = {asked.draw(Draw(f"s{number}", 7)) for number in range(30)}
    assert len(policies) == 30
    assert {policy.verdict for policy in policies} == {"reject", "drop"}
    assert {(policy.monitor, policy.app) for policy in policies} == set(product(MONITORS, APPS))
