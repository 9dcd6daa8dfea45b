"""One host out of service on purpose: killed, frozen for a while, or left out by the edge."""

from __future__ import annotations

import time
from collections.abc import Callable

from lab import health, stage
from lab.engine import docker
from lab.errors import ExitCode, LabError
from lab.rollout import drain as drains
from lab.settings import Settings
from lab.topology import Topology
from link.units import ConditionError, seconds

Say = Callable[[str], None]
LONGEST = 30.0  # seconds that a host may be frozen: longer, and those who wait for it have given up


def kill(settings: Settings, plan: Topology, host: str, say: Say) -> None:
    """Have the engine kill a host with signal 9; it stays dead until it is started.

    Raises LabError: exit code 2 for a host that there is not, 3 for one that does not run.
    """
    docker("kill", _running(settings, plan, host))
    say(f"{host} is dead; make restart HOST={host} starts it again")


def freeze(settings: Settings, plan: Topology, host: str, text: str, say: Say) -> None:
    """Stop all processes of a host for a while, such as 2.5s; its kernel still takes connections.

    Raises LabError: exit code 2 for a wrong time or host, 3 for a host that does not run.
    """
    length = _length(text)
    frozen = _running(settings, plan, host)
    docker("pause", frozen)
    try:
        say(f"{host} is frozen for {length:g} s")
        time.sleep(length)
    finally:
        docker("unpause", frozen)
    say(f"{host} goes on")


def drain(settings: Settings, plan: Topology, host: str, say: Say) -> None:
    """Have the edge ask a replica nothing more.

    Raises LabError: exit code 2 for what is no replica, and for a second one, since the edge leaves out only
    one at a time; 3 if the edge does not run.
    """
    name = _replica(settings, plan, host)
    others = drained(settings, plan) - {host}
    if others:
        first = min(others)
        said = f"{first} is drained already, and the edge leaves out one replica at a time"
        raise LabError(f"{said}; make drain HOST={first} BACK=1 first", ExitCode.USAGE)
    drains.drain(settings.project, name)
    say(f"the edge asks {host} nothing more; make drain HOST={host} BACK=1 takes that back")


def resume(settings: Settings, plan: Topology, host: str, say: Say) -> None:
    """Have the edge ask a replica again; raises LabError as `drain` does."""
    drains.resume(settings.project, _replica(settings, plan, host))
    say(f"the edge asks {host} again")


def drained(settings: Settings, plan: Topology) -> set[str]:
    """The replicas that are drained; raises LabError (exit code 3) if the edge does not run."""
    names = {stage.upstream(plan, host): host for host in stage.REPLICAS}
    return {names.get(one, one) for one in drains.drained(settings.project)}


def _length(text: str) -> float:
    try:
        length = seconds(text, "--for")
    except ConditionError as error:
        raise LabError(str(error), ExitCode.USAGE) from error
    if not 0 < length <= LONGEST:
        said = f"--for {text} is out of bounds: a host is frozen for up to {LONGEST:g} s"
        raise LabError(f"{said}, such as --for 2.5s", ExitCode.USAGE)
    return length


def _replica(settings: Settings, plan: Topology, host: str) -> str:
    there = stage.replicas(settings)
    if host not in there:
        said = f"the edge asks {', '.join(there)} and not '{host}'"
        raise LabError(f"{said}; make drain HOST={there[-1]}", ExitCode.USAGE)
    return stage.upstream(plan, host)


def _running(settings: Settings, plan: Topology, host: str) -> str:
    """The container of a host that runs and is not frozen."""
    state = health.states(settings.project).get(plan.known(host))
    if state is None or state.status != "running":
        how = "not there" if state is None else {"paused": "frozen already"}.get(state.status, "dead already")
        raise LabError(f"{host} is {how}; make status shows every host", ExitCode.UNMEASURED)
    return state.id
