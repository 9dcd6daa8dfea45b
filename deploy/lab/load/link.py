"""The clients' link during a run: as asked for, as packets see it, and afterwards as it was before."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lab.errors import ExitCode, LabError
from lab.lifecycle import Say
from lab.link import control
from lab.link.control import Links
from lab.link.measure import Check
from lab.link.report import both_ways
from lab.link.session import Session
from lab.settings import Settings
from lab.topology import Topology
from link.condition import Link, to_json

ZONE = "clients"
# Seconds that a run takes at most beside its own time. Should this program die, the link ends by itself.
AROUND = 300.0
SOON = 1.0  # second, in which a temporary link ends that would have ended during the run

Measure = Callable[[Links], list[Check]]


@contextmanager
def held(
    settings: Settings, plan_of_lab: Topology, link: Link | None, seconds: float, say: Say
) -> Iterator[dict[str, Any]]:
    """Make the clients' link be `link` for the block (None: as it is), and put back what was there.

    Yields the condition for summary.json: the link in words and as values, the engine, and what was measured.
    Raises LabError (exit code 3) if packets do not see the link that was asked for.
    """
    before = control.show(settings.project)
    started = time.monotonic()
    try:
        links = before if link is None else control.change(settings.project, ZONE, link, seconds + AROUND)
        say(f"the clients' link: {both_ways(links.zones[ZONE])}; measuring what packets see")
        checks = list(Session(settings, plan_of_lab).compare(ZONE, links))
        _must_agree(link, checks)
        yield _condition(links, checks)
    finally:
        if link is not None:
            _put_back(settings.project, before, time.monotonic() - started)


def _must_agree(link: Link | None, checks: list[Check]) -> None:
    wrong = [str(check) for check in checks if not check.agrees]
    if link is not None and wrong:
        said = f"the link differs from what was asked for in: {', '.join(wrong)}; see whether the VM is busy"
        raise LabError(said, ExitCode.UNMEASURED)


def _condition(links: Links, checks: list[Check]) -> dict[str, Any]:
    link = links.zones[ZONE]
    return {
        "zone": ZONE,
        "words": both_ways(link),
        "link": to_json(link),
        "engine": links.engine,
        "checks": [dataclasses.asdict(check) for check in checks],
    }


def _put_back(project: str, before: Links, passed: float) -> None:
    """A lasting link lasts again; a temporary one has the rest of its time, and the lasting one after it."""
    left = before.seconds_left(ZONE)
    control.change(project, ZONE, before.zones[ZONE], None if left is None else max(left - passed, SOON))
