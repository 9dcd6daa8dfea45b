"""The firewall in the terminal: the rules in words, and the reachability matrix."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from lab.firewall.matrix import Result, Verdict
from lab.firewall.table import Counter, Rule

COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.ERROR: "yellow"}


def rules(listed: Iterable[Rule], counted: dict[str, Counter]) -> Table:
    """Each rule that counts: where it stands, what becomes of a packet and why, and how many there were."""
    table = Table(title="The router's rules, and what they have counted", title_justify="left")
    for heading in ("chain", "verdict", "what", "counter"):
        table.add_column(heading)
    for heading in ("packets", "bytes"):
        table.add_column(heading, justify="right")
    for rule in listed:
        value = counted[rule.counter]
        colour = "green" if rule.verdict == "accept" else "red"
        numbers = (f"{value.packets:,}", f"{value.bytes:,}")
        table.add_row(rule.chain, f"[{colour}]{rule.verdict}", rule.comment, rule.counter, *numbers)
    table.caption = "Rules with the same counter share its number."
    return table


def matrix(results: Iterable[Result]) -> Table:
    """Each flow: what it must be, what it was, which rule decided, and the verdict."""
    table = Table(title="Reachability, by real packets", title_justify="left")
    for heading in ("flow", "must be", "was", "rule that decided", "verdict"):
        table.add_column(heading)
    for result in results:
        colour = COLOURS[result.verdict]
        flow = result.flow
        table.add_row(
            flow.words, flow.expect, result.outcome, result.rule, f"[{colour}]{result.verdict.value}"
        )
    return table
