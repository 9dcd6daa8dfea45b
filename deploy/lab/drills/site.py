"""What a drill does to the lab's hosts, and how it makes them whole again."""

from __future__ import annotations

import time

from lab import health, lifecycle
from lab.engine import containers, docker, exec_argv
from lab.errors import LabError
from lab.generators import MASTER, WORKER
from lab.lifecycle import Say
from lab.link import control
from lab.process import last_words, run
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology
from link.condition import Condition, Link

# Every process of the host but its init, which then ends too: as if the kernel had run out of memory. The
# engine sees a crash and starts the host again, which it does not after a `docker kill`.
CRASH = "kill -9 -1"
# The first child of Gunicorn's master, which is the only process that has children besides init.
CRASH_WORKER = """
import os, pathlib, signal
parents = {}
for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
    name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
    parents[int(stat.parent.name)] = int(rest.split()[1])
workers = sorted(pid for pid, parent in parents.items() if parents.get(parent) == 1 and pid != os.getpid())
os.kill(workers[0], signal.SIGKILL)
"""
REVIVAL = 60.0  # seconds in which the engine must have started the hosts again
PAUSE = 0.2
LONGEST_CUT = 120.0  # seconds after which the router mends a cut link by itself, should this program die


class Site:
    """The running lab of these settings."""

    def __init__(self, settings: Settings, plan: Topology, say: Say) -> None:
        self.settings, self.plan, self.say = settings, plan, say
        self._links: control.Links | None = None

    @property
    def hosts(self) -> list[str]:
        """The hosts that run in this lab."""
        return lifecycle.services(self.settings, self.plan)

    def crash(self, host: str) -> None:
        """Kill all processes of a host with signal 9; the engine starts it again by itself."""
        # The shell does not survive it either, whose exit code therefore says nothing.
        run(exec_argv(self.settings.project, host, ["sh", "-c", CRASH]), timeout=10)

    def crash_worker(self, host: str) -> None:
        """Kill one of a host's Gunicorn workers with signal 9."""
        done = run(exec_argv(self.settings.project, host, ["python", "-c", CRASH_WORKER]), timeout=10)
        if done.returncode:
            raise LabError(f"no worker of {host} could be killed: {last_words(done)}")

    def kill(self, *hosts: str) -> None:
        """Have the engine kill hosts, all at once; they stay dead until they are started."""
        docker("kill", *self._ids(*hosts))

    def pause(self, host: str) -> None:
        """Freeze a host: its kernel still takes connections, nobody answers."""
        docker("pause", *self._ids(host))

    def cut(self, zone: str) -> None:
        """Lose every packet of a zone's link."""
        self._links = control.show(self.settings.project)
        nothing = Link(up=Condition(loss=1.0), down=Condition(loss=1.0))
        control.change(self.settings.project, zone, nothing, LONGEST_CUT)

    def heal(self, zone: str) -> None:
        """Make a zone's link what it was before it was cut."""
        if self._links is not None:
            control.change(
                self.settings.project, zone, self._links.zones[zone], self._links.seconds_left(zone)
            )
            self._links = None

    def witnesses(self) -> set[str]:
        """The hosts that make the load: they keep the ledger, and are not the service."""
        return {MASTER, WORKER}

    def make_whole(self) -> None:
        """Start what is dead, thaw what is frozen, and wait until every host passes its health check.

        Raises LabError if one does not.
        """
        deadline = time.monotonic() + REVIVAL
        while wrong := self._not_running():
            for host, status in wrong.items():
                verb = {"paused": "unpause", "exited": "start", "created": "start"}.get(status)
                if verb:
                    docker(verb, *self._ids(host))
            if time.monotonic() > deadline:
                told = ", ".join(f"{host} is {status}" for host, status in wrong.items())
                raise LabError(f"after the drill {told}; run: make up")
            time.sleep(PAUSE)
        health.wait(self.settings.project, self.plan, self.hosts, self.say)

    def _not_running(self) -> dict[str, str]:
        states = health.states(self.settings.project)
        return {
            name: states[name].status
            for name in self.hosts
            if name in states and name != ONE_SHOT and states[name].status != "running"
        }

    def _ids(self, *hosts: str) -> list[str]:
        return [one for host in hosts for one in containers(self.settings.project, host)]
