"""An audit from end to end: the families side by side, then the waivers, then what it all comes to."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lab.audit import waivers as waivers_
from lab.audit.model import Family, Level, Outcome, Site, Verdict
from lab.audit.waivers import Waiver
from lab.errors import ExitCode


@dataclass(frozen=True)
class Report:
    """What came out: each check's outcome in the catalogue's order, remarks on waivers, seconds it took."""

    outcomes: tuple[Outcome, ...]
    remarks: tuple[str, ...]
    seconds: float

    def code(self, fail_on: Level) -> ExitCode:
        """3 if a check was not measured, 1 if one failed; those below `fail_on` do not matter."""
        verdicts = {outcome.verdict for outcome in self.outcomes if outcome.check.level >= fail_on}
        if Verdict.UNMEASURED in verdicts:
            return ExitCode.UNMEASURED
        return ExitCode.FAILED if Verdict.FAILED in verdicts else ExitCode.PASSED


def run(
    site: Site,
    families: Sequence[Family[Any]],
    waivers: Sequence[Waiver],
    known: Iterable[Family[Any]],
    today: datetime.date,
) -> Report:
    """Run the families side by side (most of their time is waiting), then those that must be alone.

    `known` is every family there is.
    """
    begin = time.monotonic()
    quiet = [family for family in families if not family.alone]
    with ThreadPoolExecutor(max_workers=max(1, len(quiet))) as pool:
        results = dict(
            zip((one.name for one in quiet), pool.map(lambda one: one.run(site), quiet), strict=True)
        )
    results |= {family.name: family.run(site) for family in families if family.alone}
    counting = waivers_.current(waivers, today)
    outcomes = [waivers_.apply(counting, outcome) for one in families for outcome in results[one.name]]
    ids = {check.id for family in known for check in family.checks}
    said = waivers_.remarks(waivers, ids, today)
    return Report(tuple(outcomes), tuple(said), time.monotonic() - begin)
