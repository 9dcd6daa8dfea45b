"""The lab as shipped: what each exercise begins on, and what a reset brings back."""

from __future__ import annotations

from collections.abc import Iterator

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from link.condition import Link

# Written by the router when it starts: the shipped rules as nft lists them, without counts.
SHIPPED = "/run/lab/shipped-rules"


def must_be_as_shipped(lab: RunningLab, number: int) -> None:
    """Raise LabError (exit code 2) with what is not, and the command that mends it."""
    found = next(_differences(lab), None)
    if found:
        what, mend = found
        raise LabError(f"{what}; {mend}, then make start EX={number}", ExitCode.USAGE)


def restore(lab: RunningLab) -> None:
    """Make it as shipped again; what is so already is left alone."""
    lab.clear_links()
    lab.https_off()
    if _rules_differ(lab):
        lab.load_rules()
    lab.own_limits()


def _differences(lab: RunningLab) -> Iterator[tuple[str, str]]:
    for zone in lab.plan.zones:
        if lab.link(zone) != Link():
            yield f"the link of zone {zone} has a condition", "make link-clear"
    if lab.https_is_on():
        yield "HTTPS is on", "make tls OFF=1"
    if _rules_differ(lab):
        yield "the firewall's rules in force are not the shipped ones", "make firewall"
    if not lab.limits_are_own():
        yield "the limits in force are not the lab's own", "make limits CLEAR=1"


def _rules_differ(lab: RunningLab) -> bool:
    return lab.rules() != lab.run("router", "cat", SHIPPED)
