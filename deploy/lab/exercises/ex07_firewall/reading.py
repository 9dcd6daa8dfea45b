"""Why the opened flow does not pass, told from the text of the rules in force. Pure.

The verdict is by packets; but for the chains' policies, this only chooses the hint.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lab.exercises.ex07_firewall.asked import COUNTER, Policy


def why_closed(rules: str, policy: Policy, source: str, target: str) -> str:
    """The hint that fits rules by which `source` cannot reach `target` at the policy's port."""
    if not is_stateful(rules):
        return (
            "no rule lets replies through: the SYN arrives, its SYN/ACK is dropped; keep ct state established"
        )
    naming = [line.strip() for line in rules.splitlines() if re.search(rf"dport\b.*\b{policy.port}\b", line)]
    if not naming:
        return f"no rule in force names port {policy.port}: write one, and make firewall FILE=answers/07.nft"
    if not any(_is_of("tcp", line) for line in naming):
        return f"your rule for port {policy.port} is not about TCP: tcp dport {policy.port}"
    return _of_addresses(naming, source, target) or (
        f"your rule for port {policy.port} is never reached: the packet is dropped before; the first verdict "
        "counts, so move it up, into the chain where these packets go"
    )


def is_stateful(rules: str) -> bool:
    """Whether what belongs to a connection that was allowed is let through, in the chain forward."""
    found = re.search(r"chain forward \{(.*?)^\t\}", rules, re.DOTALL | re.MULTILINE)
    return bool(found and re.search(r"ct state\b.*\bestablished\b", found[1]))


def _is_of(protocol: str, line: str) -> bool:
    return re.search(rf"\b{protocol}\b|\bth dport\b", line) is not None


def _of_addresses(naming: Sequence[str], source: str, target: str) -> str:
    """The hint for a rule that names another source or target than the policy's; empty if one names both."""
    for kind, address in (("saddr", source), ("daddr", target)):
        named = [line for line in naming if f"ip {kind}" in line]
        if named and not any(address in line for line in named):
            return f"your rule names another address: ip {kind} must be {address}"
    return ""


def uncounted(rules: str) -> str:
    """Why the counter has not moved, though the flow passed."""
    if f"counter {COUNTER} " not in rules:
        return f"there is no such counter: declare it, counter {COUNTER} {{ }}, and name it in your rule"
    if not re.search(rf'counter name "?{COUNTER}"?', rules):
        return f"no rule counts with it: counter name {COUNTER}, before the rule's accept"
    return "another rule let the packet through before yours was asked: make firewall-show"


def drops_by_default(rules: str) -> bool:
    """Whether both chains that judge packets drop what no rule of theirs has named."""
    return all(
        re.search(rf"^\t\ttype filter hook {hook} [^\n]*policy drop;", rules, re.MULTILINE)
        for hook in ("forward", "input")
    )
