"""The rolling change: migration, then replicas one by one, and all back again if one is not healthy."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab import health, lifecycle, paths, stage
from lab.errors import ExitCode, LabError
from lab.rollout import candidate, drain, replica
from lab.rollout.candidate import Change
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology

SETTLE = 0.5  # seconds until what the edge passed on before a replica was drained has reached it
OTHERS = ("live", "notifier")  # they have the app's image too, and one of each must do: their clients notice

Say = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """A change that was made: the hosts that have the new image, and how many seconds it took."""

    hosts: list[str]
    change: Change
    seconds: float


@dataclass(frozen=True)
class Site:
    """The lab that is changed, and whom to tell."""

    settings: Settings
    plan: Topology
    say: Say

    @property
    def project(self) -> str:
        """The Compose project."""
        return self.settings.project


def deploy(wanted: str | None, say: Say) -> Done:
    """Give the app servers the image `wanted`, or the checkout's; clients notice nothing.

    Raises LabError (exit code 1) with everything as it was if the new image does not become healthy.
    """
    begin = time.monotonic()
    settings, plan = lifecycle.current()
    site = Site(settings, plan, say)
    with _alone():
        replicas = _in_order(site)
        change = candidate.prepare(site.project, replicas, wanted, say)
        others = [name for name in OTHERS if name in lifecycle.services(settings, plan)]
        _make(site, change, replicas + others)
        drain.resume_all(site.project)
        return Done(replicas + others, change, time.monotonic() - begin)


def _in_order(site: Site) -> list[str]:
    """The replicas, those first that serve nobody now: broken, drained, or app2 with REPLICAS=1."""
    serving = stage.replicas(site.settings)
    away = drain.drained(site.project)

    def serves(name: str) -> bool:
        asked = name in serving and stage.upstream(site.plan, name) not in away
        return asked and replica.healthy(site.project, site.plan, name)

    return sorted(serving if len(serving) > 1 else ["app2", "app1"], key=serves)


def _make(site: Site, change: Change, hosts: list[str]) -> None:
    begun: list[str] = []
    change.begin()
    try:
        site.say("preparing the database for the new image, while the old one goes on serving")
        replica.start(site.project, ONE_SHOT)
        health.wait_for_database(site.project, site.say)
        for name in hosts:
            begun.append(name)
            _renew(site, name)
    except (LabError, KeyboardInterrupt) as error:
        change.take_back()
        _roll_back(site, begun, str(error) or "interrupted")
        if isinstance(error, KeyboardInterrupt):
            raise
        raise LabError(f"{change.name} was refused, and the old image serves on: {error}") from error


def _renew(site: Site, name: str) -> None:
    """Replace a host; a replica is asked nothing from before it ends until it is healthy again."""
    site.say(f"replacing {name}")
    if name not in stage.REPLICAS:
        replica.renew(site.project, site.plan, name)
        return
    address = stage.upstream(site.plan, name)
    drain.drain(site.project, address)
    time.sleep(SETTLE)
    replica.renew(site.project, site.plan, name)
    drain.resume(site.project, address)


def _roll_back(site: Site, begun: list[str], why: str) -> None:
    site.say(f"{why}; going back to the old image")
    for name in reversed(begun):
        try:
            _renew(site, name)
        except LabError as error:
            raise LabError(
                f"{why}; and {name} did not come back with the old image: {error}; run: make up"
            ) from None


@contextmanager
def _alone() -> Iterator[None]:
    """One change at a time; raises LabError (exit code 2) while there is another."""
    with (paths.state() / "deploy.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LabError("another make deploy is under way; wait for it", ExitCode.USAGE) from None
        yield
