"""Kills at random, one after the other under the same load; the ledger is compared after each."""

from __future__ import annotations

import time
from concurrent.futures import Future
from itertools import islice
from pathlib import Path

from lab.drills import catalogue, ledger, report, runner, tickets, verdict, witness
from lab.drills.model import NOTHING, Pace
from lab.drills.report import Report
from lab.drills.runner import Strike
from lab.drills.site import Site
from lab.errors import ExitCode, LabError
from lab.load import drive

PACE = 12.0  # seconds from a kill to the next, if the lab is whole by then
SLOW = 24.0  # seconds that a kill may take longer on a busy VM; the load is stopped after the last one
HOLD = 5.0  # seconds of load on what is left
NAME = "random"
LOAD = Pace(users=8)


def run(site: Site, kills: int, seed: int, runs: Path) -> Report:
    """Kill so many parts at random; the lab is whole again afterwards.

    Raises LabError (exit code 3) if the lab is down, or if the load ended before the last kill.
    """
    seconds = LOAD.spawned + kills * (PACE + SLOW) + HOLD
    name = f"drill-{NAME}"
    strikes: list[Strike] = []
    with runner.load(site, runs, name, LOAD.users, seconds) as (folder, file, over):
        witness.wait_for_first(file, over.done)
        time.sleep(LOAD.spawned)
        try:
            for number, victim in enumerate(islice(catalogue.victims(site.hosts, seed), kills), 1):
                site.say(f"kill {number} of {kills}: {victim}")
                strikes.append(_strike(site, victim, over))
                _must_be_exact(site, folder, file, number)
                time.sleep(max(0.0, strikes[-1].at + PACE - time.time()))
            drive.stop(runner.hosts_of(site), folder)
        finally:
            site.make_whole()
        healthy = time.time() - strikes[-1].at
    found = runner.found(site, folder, tuple(strikes), healthy, records_of=folder)
    judged = verdict.judge(found.account, found.seen, NOTHING, strained=found.strained)
    sentence = f"{kills} kills at random (SEED={seed}), the ledger held against the database after each"
    return report.write(NAME, sentence, found, NOTHING, judged)


def _strike(site: Site, victim: str, over: Future[None]) -> Strike:
    if over.done():
        raise LabError("the load ended before the last kill; run the drill again", ExitCode.UNMEASURED)
    strike = Strike(time.time(), victim)
    catalogue.strike(site, victim)
    time.sleep(HOLD)
    site.make_whole()
    return strike


def _must_be_exact(site: Site, folder: Path, file: Path, number: int) -> None:
    """Raise LabError unless every ticket that is acknowledged by now is there, and none twice."""
    with file.open(encoding="utf-8") as lines:  # read first: what is acknowledged later may be there, too
        entries = ledger.read(lines)
    there = tickets.filed(site.settings, site.plan, runner.device(folder))
    account = ledger.compare(entries, there, whole=False)
    site.say(f"after kill {number} {account.sentence}")
    if not account.exact:
        raise LabError(f"after kill {number} {account.sentence}; see {folder}")
