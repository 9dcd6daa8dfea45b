"""The names of the service: in .env, in Nginx and in Django, which each learn them when they start."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from lab import health, settings, stage
from lab.engine import docker
from lab.exercises.baseline import DRAWN_NAME
from lab.exercises.bench import RunningLab

SETTING = "ALLOWED_HOSTS"
EDGE = "edge"
APPS = ("app1", "app2", "app3", "live", "notifier")  # who has Django, as far as they run
# By which variable a container was told the names when it started.
TOLD = re.compile(rf"^(?:{SETTING}|EDGE_SERVER_NAMES)=(.*)$")


def know(lab: RunningLab, name: str, who: Collection[str]) -> None:
    """Let exactly these hosts know the name; .env has it if anybody does."""
    told = _told(lab)
    forget = [host for host in told if host not in who and name in told[host]]
    learn = [host for host in told if host in who and name not in told[host]]
    _keep(_without(name))
    _renew(lab, forget)
    if who:
        _keep([*_without(name), name])
        _renew(lab, learn)


def forget_drawn(lab: RunningLab) -> None:
    """Take every name that an exercise draws out of .env and out of whoever knows one; none there is nothing
    to do. `.lab`, with which a student may have named them all, goes too."""
    kept = [one for one in _names() if not _drawn(one)]
    if kept != _names():
        _keep(kept)
    _renew(lab, [host for host, names in _told(lab).items() if any(map(_drawn, names))])


def replicas(lab: RunningLab) -> list[str]:
    """The app servers that the edge asks."""
    return stage.replicas(lab.settings)


def _drawn(name: str) -> bool:
    return name == ".lab" or bool(re.fullmatch(DRAWN_NAME, name))


def _names() -> list[str]:
    return settings.load()[SETTING].split(",")


def _without(name: str) -> list[str]:
    return [one for one in _names() if one != name]


def _keep(names: list[str]) -> None:
    if names != _names():
        settings.keep(SETTING, ",".join(names))


def _told(lab: RunningLab) -> dict[str, list[str]]:
    """The names that each running host was told when it started."""
    states = health.states(lab.settings.project)
    there = {
        name: one.id for name, one in states.items() if one.status == "running" and name in (EDGE, *APPS)
    }
    if not there:
        return {}
    bodies = json.loads(docker("inspect", *there.values()))
    return {host: _given(body["Config"]["Env"]) for host, body in zip(there, bodies, strict=True)}


def _given(environment: list[str]) -> list[str]:
    found = (TOLD.fullmatch(line) for line in environment)
    return [name for match in found if match for name in match[1].split(",")]


def _renew(lab: RunningLab, hosts: list[str]) -> None:
    """Start hosts anew as .env says now, and wait until they are well."""
    if not hosts:
        return
    stage.prepare(settings.load(), lab.plan)
    lab.say(f"starting {', '.join(hosts)} anew")
    lab.recreate(hosts)
