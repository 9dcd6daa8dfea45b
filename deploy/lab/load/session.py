"""A whole load test: the plan checked, the link set and put back, the run, and what its numbers say."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

from lab import paths
from lab.generators import MASTER
from lab.lifecycle import Say
from lab.load import conditions, direct, drive, link, page, records, summary
from lab.load.hosts import Containers, Hosts
from lab.load.plan import Plan
from lab.settings import Settings
from lab.topology import Topology

RUNS = paths.ROOT / "runs"


def run(
    settings: Settings,
    plan_of_lab: Topology,
    plan: Plan,
    say: Say,
    *,
    hosts: Hosts | None = None,
    runs: Path = RUNS,
) -> Path:
    """Run a load test in the lab and return its folder, which has summary.json and report.html then.

    A run that failed returns, too: its verdict is in the summary. Raises LabError: exit code 2 for a plan
    that cannot be run, 3 if the lab is down, if its link is not as asked for, or if the run broke off.
    """
    plan.check()
    there = hosts or Containers(settings, plan_of_lab.address(MASTER))
    _ = there.judge, plan.workers and there.workers  # whether they run, before anything is changed
    seen = conditions.of(settings)
    with (
        link.held(settings, plan_of_lab, plan.link, plan.seconds, say) as wire,
        direct.opened(settings, plan, say),
    ):
        folder = new_folder(runs, plan.scenario)
        drive.run(there, plan, folder, say)
    rows = records.read(folder)
    summary.write(folder, rows, plan, {**seen, "link": wire})
    page.write(folder, rows)
    return folder


def new_folder(runs: Path, name: str) -> Path:
    """A folder of its own, <time>-<name>; of two in one second the later one has a number, too."""
    begun = f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    for number in count(1):
        folder = runs / (begun if number == 1 else f"{begun}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("count never ends")
