"""The rules that do what the policy asks, and rules that nearly do."""

from __future__ import annotations

from pathlib import Path

from lab.exercises import sheet
from lab.exercises.bench import RunningLab
from lab.exercises.ex07_firewall.asked import BARRED, COUNTER, NUMBER, PINGED, RULES, Policy
from lab.firewall import loader

# Where the shipped file is added to: each must be in it once.
COUNTERS = "    counter input_dropped { }\n"
CLIENTS_TO_LAB = "    chain clients_to_lab {\n"
CLIENTS_TO_BACKEND = "    chain clients_to_backend {\n"
BEFORE_THE_DROP = "        # Who comes this far is dropped"
AFTER_THE_DROP = '        counter name forward_dropped comment "no rule names it"\n'
STATE = "ct state vmap { established : goto known, related : goto known, invalid : goto broken }"
DEFAULT = "type filter hook forward priority filter; policy drop;"


def file() -> Path:
    """The student's rules, beside the answers."""
    return sheet.path(NUMBER).with_name(RULES)


def rules(lab: RunningLab, policy: Policy) -> str:
    """The shipped rules with the policy's."""
    verdict = {"reject": "reject with tcp reset", "drop": "drop"}[policy.verdict]
    barred = f'ip saddr {lab.address(BARRED)} ip daddr $edge tcp dport 80 {verdict} comment "shut out"'
    ping = (
        f"ip saddr {lab.address(policy.pinger)} ip daddr {lab.address(PINGED)} icmp type echo-request accept"
    )
    text = put(loader.FILE.read_text(), COUNTERS, after=f"    counter {COUNTER} {{ }}\n")
    text = put(text, CLIENTS_TO_LAB, after=f"        {barred}\n")
    text = put(text, CLIENTS_TO_BACKEND, after=f"        {opened(lab, policy)}\n")
    return put(text, BEFORE_THE_DROP, before=f"        {ping}\n")


def opened(lab: RunningLab, policy: Policy) -> str:
    """The rule that lets the monitor in."""
    source, target = lab.address(policy.monitor), lab.address(policy.app)
    return f"ip saddr {source} ip daddr {target} tcp dport {policy.port} counter name {COUNTER} accept"


def put(text: str, at: str, *, before: str = "", after: str = "") -> str:
    """The text with something before and after a passage; ValueError if it is not there once."""
    if text.count(at) != 1:
        raise ValueError(f"'{at}' is in the rules {text.count(at)} times")
    return text.replace(at, f"{before}{at}{after}")


def load(lab: RunningLab, text: str) -> None:
    """Write a ruleset where a student does, and load it as make firewall does."""
    file().parent.mkdir(exist_ok=True)
    file().write_text(text)
    lab.load_rules(file())


def do(lab: RunningLab, policy: Policy) -> None:
    """Write the policy's rules, and load them."""
    load(lab, rules(lab, policy))


def answers(_: RunningLab | None, policy: Policy) -> dict[str, object]:
    """The right ones."""
    seen, notices = {"reject": ("refused", "at-once"), "drop": ("timed-out", "after-a-time-out")}[
        policy.verdict
    ]
    return {
        "monitor_before": "drop", "barred_before": "accept", "reply_rules": "0", "counted": "1",
        "behind_a_drop": "never-reached", "barred_notices": notices, "barred_seen": seen,
        "neighbour_seen": "timed-out", "counted_seen": "1", "replies_pass_by": "established",
        "tomorrow": "no-dropped-by-default",
    }  # fmt: skip


# --- Typical wrong ways ----------------------------------------------------------------------------
def behind_the_drop(lab: RunningLab, policy: Policy) -> dict[str, object]:
    """Writes the rule at the end, where its packets never come."""
    rule = f"        {opened(lab, policy)}\n"
    return _wrong(lab, policy, put(rules(lab, policy).replace(rule, ""), AFTER_THE_DROP, after=rule))


def any_source(lab: RunningLab, policy: Policy) -> dict[str, object]:
    """Opens the port for everybody who comes by."""
    wide = opened(lab, policy).replace(f"ip saddr {lab.address(policy.monitor)} ", "")
    return _wrong(lab, policy, rules(lab, policy).replace(opened(lab, policy), wide))


def stateless(lab: RunningLab, policy: Policy) -> dict[str, object]:
    """Thinks of the edge's replies to clients, and forgets all others."""
    replies = "ip saddr $edge tcp sport 80 accept"
    return _wrong(lab, policy, rules(lab, policy).replace(STATE, replies))


def accepts_by_default(lab: RunningLab, policy: Policy) -> dict[str, object]:
    """Lets everything pass that no rule drops."""
    return _wrong(lab, policy, rules(lab, policy).replace(DEFAULT, DEFAULT.replace("drop", "accept")))


def _wrong(lab: RunningLab, policy: Policy, text: str) -> dict[str, object]:
    load(lab, text)
    return answers(lab, policy)
