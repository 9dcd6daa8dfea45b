"""Starting, stopping and restarting the lab."""

from __future__ import annotations

from collections.abc import Callable

from lab import database, generators, health, images, lan, paths, preflight, settings, stage, topology
from lab.docs import build
from lab.engine import compose, docker
from lab.errors import ExitCode, LabError
from lab.rollout import drain
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology

Say = Callable[[str], None]


def current() -> tuple[Settings, Topology]:
    """The settings there are and the topology they give."""
    loaded = settings.load()
    return loaded, topology.read(loaded.values)


def services(loaded: Settings, plan: Topology) -> list[str]:
    """The hosts that run in this lab, optional ones if they are wanted; migrate runs once and ends."""
    return [
        name
        for name, host in plan.hosts.items()
        if name != ONE_SHOT and (host.profile is None or host.profile in loaded.profiles)
    ]


def up(say: Say, db: str | None = None) -> tuple[Settings, Topology]:
    """Bring the lab to the state that .env describes, from whatever state it is in.

    `db` is another database than the one that .env names; from now on .env names this one.
    """
    loaded = settings.ensure() if paths.env_file().exists() else _first_settings(say)
    if db and db != loaded["DB"]:
        settings.keep("DB", db)
        loaded = settings.load()
    plan = topology.read(loaded.values)
    preflight.check(loaded, plan)
    images.build_all(say)
    stage.prepare(loaded, plan)
    say("starting the hosts and networks")
    wanted = services(loaded, plan)
    if database.HOST in wanted:  # before those who ask it: migrate does not wait
        start_database(loaded, plan, say)
    scale = generators.scaling(loaded)
    compose(loaded.project, "up", "--detach", "--no-build", "--remove-orphans", *scale, ONE_SHOT, *wanted)
    remove_unwanted(loaded, plan)
    say("waiting until every host is healthy")
    health.wait_for_database(loaded.project, say)
    health.wait(loaded.project, plan, wanted, say)
    drain.resume_all(loaded.project)
    generators.give_addresses(loaded, plan)
    build.refresh(say)
    return loaded, plan


def start_database(loaded: Settings, plan: Topology, say: Say) -> None:
    """Start PostgreSQL's host if it does not run, and wait until it takes connections."""
    compose(loaded.project, "up", "--detach", "--no-build", database.HOST)
    health.wait(loaded.project, plan, [database.HOST], say)


def remove_unwanted(loaded: Settings, plan: Topology) -> None:
    """Remove optional hosts that these settings do not ask for."""
    wanted, there = services(loaded, plan), health.states(loaded.project)
    for name, host in plan.hosts.items():
        if host.profile and name not in wanted and name in there:
            compose(loaded.project, "rm", "--stop", "--force", name)


def _first_settings(say: Say) -> Settings:
    usual, free = settings.defaults()["LAB_INTERNET"], preflight.free_internet()
    if free != usual:
        say(
            f"this VM uses {usual}.0/24 itself: the lab's internet will be {free}.0/24 (LAB_INTERNET in .env)"
        )
    return settings.ensure(free)


def down() -> None:
    """Remove the lab's containers and networks; its database stays for the next `up`."""
    loaded, _ = current()
    must_exist(loaded)
    lan.leave_all()
    compose(loaded.project, "down", "--remove-orphans", "--timeout", "5")
    # The stand-in is a new Discord each time; the tickets are the lab's own and stay.
    ledger = f"{loaded.project}_discord"
    if ledger in docker("volume", "ls", "--quiet").split():
        docker("volume", "rm", ledger)


def restart(host: str | None, say: Say) -> None:
    """Restart one host or all of them, and wait until they are healthy again."""
    loaded, plan = current()
    must_exist(loaded)
    chosen = [plan.known(host)] if host else services(loaded, plan)
    say(f"restarting {', '.join(chosen)}")
    compose(loaded.project, "restart", "--timeout", "5", *chosen)
    health.wait(loaded.project, plan, chosen, say)


def must_exist(loaded: Settings) -> None:
    """Raise LabError (exit code 3) unless the lab has been brought up."""
    if not health.states(loaded.project):
        raise LabError("the lab is not there; make up brings it up", ExitCode.UNMEASURED)
