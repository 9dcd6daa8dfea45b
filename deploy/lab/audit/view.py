"""An audit in the terminal, a line a check, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from lab.audit.model import Outcome, Verdict
from lab.audit.runner import Report

COLOURS = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.WAIVED: "cyan",
    Verdict.UNMEASURED: "yellow",
}
INDENT = " " * 7


def lines(report: Report, *, verbose: bool) -> Iterator[Text]:
    """A line for each check, and beneath it what there is to say: of a failed one all.

    With `verbose` every check tells why it is there, its fix and the command to try.
    """
    width = max((len(outcome.check.id) for outcome in report.outcomes), default=0)
    for outcome in report.outcomes:
        yield _headline(outcome, width)
        yield from _details(outcome, verbose=verbose)
    for remark in report.remarks:
        yield Text(f"waivers.toml: {remark}", style="yellow")
    yield Text(summary(report))


def summary(report: Report) -> str:
    """How many checks came out how, and how long it took."""
    counted = Counter(outcome.verdict for outcome in report.outcomes)
    parts = [f"{counted[verdict]} {verdict.value}" for verdict in Verdict if counted[verdict]]
    return f"{len(report.outcomes)} checks: {', '.join(parts) or 'none run'}, in {report.seconds:.0f} s"


def document(report: Report) -> dict[str, Any]:
    """The report for a script."""
    return {
        "checks": [_as_json(outcome) for outcome in report.outcomes],
        "remarks": list(report.remarks),
        "seconds": round(report.seconds, 1),
    }


def _headline(outcome: Outcome, width: int) -> Text:
    check = outcome.check
    line = Text(f"{check.level.name:6} {check.id:{width}} {check.title}", style=COLOURS[outcome.verdict])
    return line if outcome.verdict is Verdict.PASSED else line.append(f": {outcome.verdict.value}", "bold")


def _details(outcome: Outcome, *, verbose: bool) -> Iterator[Text]:
    check, failed = outcome.check, outcome.verdict is Verdict.FAILED
    for finding in outcome.findings:
        yield Text(f"{INDENT}{finding.where}: {finding.seen}")
    if verbose:
        for finding in outcome.waived:
            yield Text(f"{INDENT}{finding.where}: {finding.seen} (waived)")
    for reason in outcome.reason.splitlines():
        yield Text(f"{INDENT}{reason}", style="dim")
    if failed or verbose:
        for heading, text in (("why", check.why), ("fix", check.fix), ("try", check.command)):
            yield Text(f"{INDENT}{heading}: ", style="bold").append(text, "default not bold")


def _as_json(outcome: Outcome) -> dict[str, Any]:
    check = outcome.check
    return {
        "id": check.id,
        "family": outcome.family,
        "level": check.level.name,
        "title": check.title,
        "verdict": outcome.verdict.value,
        "findings": [vars(finding) for finding in outcome.findings],
        "waived": [vars(finding) for finding in outcome.waived],
        "reason": outcome.reason,
        "why": check.why,
        "fix": check.fix,
        "command": check.command,
    }
