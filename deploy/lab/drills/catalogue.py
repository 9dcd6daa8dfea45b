"""The drills that there are."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from lab import lifecycle
from lab.drills import disk, power
from lab.drills.model import READS_FAILED, SPARE, Drill, Promise
from lab.drills.site import Site
from lab.errors import ExitCode, LabError

APP, ROUTER, EDGE, DATABASE = "app1", "router", "edge", "db"
BACKEND = "backend"
RANDOM = "random"
EVERY = "all"


def _has_database(site: Site) -> None:
    if DATABASE not in site.hosts:
        raise LabError(
            "kill-database does not apply: SQLite is a file and has no host to kill; "
            "start the lab with PostgreSQL first: make up DB=postgres",
            ExitCode.USAGE,
        )


def _has_file(site: Site) -> None:
    if DATABASE in site.hosts:
        raise LabError(
            "fill-disk does not apply: it fills the disk of SQLite's file, and this lab has PostgreSQL; "
            "start it with SQLite: make up DB=sqlite",
            ExitCode.USAGE,
        )


_ALL = (
    Drill(
        "kill-worker",
        "kill -9 one Gunicorn worker of app1, whose requests under way die with it",
        hurt=lambda site: site.crash_worker(APP),
        promise=SPARE,
    ),
    Drill(
        "kill-replica",
        "kill app1, whose address is silent from then on, and start it again",
        hurt=lambda site: site.kill(APP),
        mend=lambda site: site.make_whole(),
        promise=SPARE,
    ),
    Drill(
        "pause-replica",
        "freeze app1: its kernel goes on taking connections, and nobody answers",
        hurt=lambda site: site.pause(APP),
        mend=lambda site: site.make_whole(),
        promise=SPARE,
        hold=12.0,
    ),
    Drill(
        "kill-edge",
        "kill -9 all of Nginx, the only door there is",
        hurt=lambda site: site.crash(EDGE),
    ),
    Drill(
        "kill-database",
        "kill -9 all of PostgreSQL (with DB=postgres)",
        hurt=lambda site: site.crash(DATABASE),
        applies=_has_database,
    ),
    Drill(
        "kill-router",
        "kill -9 all of the router, with its firewall and link emulation",
        hurt=lambda site: site.crash(ROUTER),
        after=15.0,
    ),
    Drill(
        "cut-backend",
        "lose every packet of the backend's link, at the router, and mend it",
        hurt=lambda site: site.cut(BACKEND),
        mend=lambda site: site.heal(BACKEND),
        after=20.0,
    ),
    Drill(
        "fill-disk",
        "fill the disk that the database is on (a small one, for as long as the drill takes)",
        hurt=disk.fill,
        mend=disk.empty,
        promise=Promise(READS_FAILED, None),
        stage=disk.small,
        applies=_has_file,
    ),
    Drill(
        "power-off",
        "kill every host of the service at once, and start the lab again",
        hurt=lambda site: site.kill(*sorted(set(site.hosts) - site.witnesses())),
        mend=lambda site: _up(site),
        hold=2.0,
        after=90.0,
    ),
    Drill(
        "restart-engine",
        "restart the container engine, and with it every host, the load's too",
        hurt=lambda site: power.restart_engine(site.say),
        mend=lambda site: _up(site),
        hold=0.0,
        after=0.0,
        applies=lambda _: power.must_be_restartable(),
        cuts_load=True,
    ),
)
DRILLS = {drill.name: drill for drill in _ALL}
# What a random kill may meet: each is back by itself.
VICTIMS = ("worker", "app1", "app2", "edge", "router", "live")


def _up(site: Site) -> None:
    lifecycle.up(site.say)


def named(name: str) -> Drill:
    """The drill of this name; raises LabError (exit code 2) that names those there are."""
    if name not in DRILLS:
        known = ", ".join((*DRILLS, EVERY, RANDOM))
        raise LabError(f"there is no drill '{name}'; those that there are: {known}", ExitCode.USAGE)
    return DRILLS[name]


def victims(hosts: Iterable[str], seed: int) -> Iterator[str]:
    """An endless row of what is killed next, the same for the same seed; "worker" is one of Gunicorn's."""
    chance = random.Random(seed)  # noqa: S311 (it picks victims, not secrets)
    there = [name for name in (*VICTIMS, DATABASE) if name == "worker" or name in set(hosts)]
    while True:
        yield chance.choice(there)


def strike(site: Site, victim: str) -> None:
    """Kill one of `victims`."""
    if victim == "worker":
        site.crash_worker(APP)
    else:
        site.crash(victim)


def chosen(name: str, site: Site) -> list[Drill]:
    """The drill of this name; for `all` those that apply here, but for the one that hits the whole VM."""
    if name != EVERY:
        return [named(name)]
    return [drill for drill in DRILLS.values() if not drill.cuts_load and _can(drill, site)]


def _can(drill: Drill, site: Site) -> bool:
    try:
        drill.applies(site)
    except LabError as error:
        site.say(str(error))
        return False
    return True
