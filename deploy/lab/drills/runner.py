"""One drill from start to end: load, failure, recovery, and the account."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.drills import ledger, recovery, tickets, witness
from lab.drills.ledger import Account
from lab.drills.model import Drill
from lab.drills.recovery import Seen
from lab.drills.site import Site
from lab.errors import ExitCode, LabError
from lab.generators import MASTER
from lab.load import drive, records
from lab.load.hosts import Containers, Hosts
from lab.load.plan import Plan
from lab.load.session import new_folder

FILED = 201
LATE = 2.0  # seconds until the first ticket, once the load has begun


@dataclass(frozen=True)
class Strike:
    """Something that was killed: when, in epoch seconds, and what."""

    at: float
    what: str


@dataclass(frozen=True)
class Found:
    """What a drill found. seen: None if the load did not outlive it. healthy: seconds until the lab was."""

    folder: Path
    strikes: tuple[Strike, ...]
    account: Account
    seen: Seen | None
    healthy: float
    strained: bool  # whether the load generator was not on time, so that times are its own


def run(drill: Drill, site: Site, runs: Path) -> Found:
    """Run a drill; the lab is whole again afterwards, whatever happens meanwhile.

    Raises LabError: exit code 2 where the drill does not apply, 3 if the lab is down or nothing was measured.
    """
    drill.applies(site)
    with drill.stage(site):
        return _drilled(drill, site, runs)


def _drilled(drill: Drill, site: Site, runs: Path) -> Found:
    pace = drill.pace
    begun = load(
        *(site, runs, f"drill-{drill.name}", pace.users),
        pace.spawned + pace.before + drill.hold + drill.after + LATE,
        may_break=drill.cuts_load,
    )
    with begun as (folder, file, over):
        witness.wait_for_first(file, over.done)
        time.sleep(pace.spawned + pace.before)
        strike = Strike(time.time(), drill.name)
        try:
            site.say(f"now: {drill.sentence}")
            drill.hurt(site)
            time.sleep(drill.hold)
        finally:
            site.say("mending what was broken, and waiting until every host is healthy")
            drill.mend(site)
            site.make_whole()
        healthy = time.time() - strike.at
    return found(site, folder, (strike,), healthy, records_of=None if drill.cuts_load else folder)


def hosts_of(site: Site) -> Hosts:
    """The hosts that make the load."""
    return Containers(site.settings, site.plan.address(MASTER))


def device(folder: Path) -> str:
    """The device that the tickets of the run in `folder` are about, by which they are found again."""
    return Path(drive.remote(folder)).name


@contextmanager
def load(
    site: Site, runs: Path, name: str, users: int, seconds: float, *, may_break: bool = False
) -> Iterator[tuple[Path, Path, Future[None]]]:
    """Load for the block: its folder, its ledger as it grows, and its end, which is waited for.

    Should the block fail, the load is stopped at once.
    """
    hosts = hosts_of(site)
    _ = hosts.judge  # whether it runs, before there is a folder
    folder = new_folder(runs, name)
    plan = Plan(scenario="ledger", users=users, seconds=seconds)
    with ThreadPoolExecutor(1) as pool, witness.following(hosts, folder) as file:
        over = pool.submit(drive.run, hosts, plan, folder, site.say)
        try:
            yield folder, file, over
        except BaseException:
            drive.stop(hosts, folder)
            raise
        _wait(over, may_break=may_break)


def _wait(over: Future[None], *, may_break: bool) -> None:
    try:
        over.result()
    except LabError:
        if not may_break:
            raise


def found(
    site: Site, folder: Path, strikes: tuple[Strike, ...], healthy: float, *, records_of: Path | None
) -> Found:
    """The account of a run that has ended. Raises LabError (exit code 3) for a ledger with gaps."""
    with (folder / witness.FILE).open(encoding="utf-8") as lines:
        entries = ledger.read(lines)
    account = ledger.compare(entries, tickets.filed(site.settings, site.plan, device(folder)))
    if records_of is None:
        return Found(folder, strikes, account, None, healthy, strained=False)
    rows = records.read(records_of)
    filed = int(((rows.status == FILED) & ~rows.failed & (rows.name == recovery.FILING)).sum())
    if filed != (told := sum(len(entry.acknowledged) for entry in entries.values())):
        said = f"the ledger has {told} acknowledgements, and the load's own records {filed}"
        raise LabError(f"{said}: one of them is not whole; run the drill again", ExitCode.UNMEASURED)
    seen = recovery.seen(rows, strikes[0].at - float(rows.run["began"]))
    strained = bool(rows.run.get("saturated"))
    return Found(folder, strikes, account, seen, healthy, strained)
