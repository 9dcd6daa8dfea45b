"""The lab as exercises use it: a command on a host, a link that is what it claims, rules that are loaded."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import health, lifecycle, limits, outage
from lab import settings as settings_
from lab.drills.site import Site
from lab.engine import compose, compose_words, container, docker, exec_argv
from lab.errors import ExitCode, LabError
from lab.firewall import loader
from lab.firewall.site import Containers
from lab.limits import Limits
from lab.link import control
from lab.link.session import Session
from lab.load import records, session
from lab.load.plan import Plan
from lab.load.records import Records
from lab.process import last_words, run
from lab.rollout import drain
from lab.settings import Settings
from lab.tls import files, switch
from lab.topology import Topology
from link.condition import Link

# The ruleset without what it has counted and learned: two that allow the same give the same text.
RULES = ["nft", "--stateless", "--terse", "list", "table", "inet", "lab"]


class RunningLab:
    """The lab of these settings. Whatever it cannot do raises LabError with exit code 3."""

    def __init__(self, settings: Settings, plan: Topology, say: Callable[[str], None]) -> None:
        self.settings, self.plan, self.say = settings, plan, say

    def tried(self, host: str, *words: str, patience: float = 30.0) -> subprocess.CompletedProcess[str]:
        """A command on a host, whatever comes of it."""
        return run(exec_argv(self.settings.project, host, words), timeout=patience)

    def run(self, host: str, *words: str, patience: float = 30.0) -> str:
        """What a command on a host prints; it must succeed."""
        done = self.tried(host, *words, patience=patience)
        if done.returncode:
            raise LabError(f"{words[0]} on {host} did not work: {last_words(done)}", ExitCode.UNMEASURED)
        return done.stdout

    def probing(self, host: str, words: Sequence[str], patience: float) -> subprocess.CompletedProcess[str]:
        """`tried` as lab.link.probes wants it."""
        return self.tried(host, *words, patience=patience)

    def address(self, host: str) -> str:
        """A host's address."""
        return self.plan.address(host)

    def strays(self) -> list[str]:
        """Containers of the lab's that docker-compose.yml knows no host for."""
        return sorted(health.states(self.settings.project).keys() - self.plan.hosts.keys())

    def now(self) -> Settings:
        """The settings as they stand now: an exercise or a student may have changed one since."""
        return settings_.load().replaced({"COMPOSE_PROJECT_NAME": self.settings.project})

    # --- the link --------------------------------------------------------------------------------------
    def link(self, zone: str) -> Link:
        """How a zone's link is set."""
        return control.show(self.settings.project).zones[zone]

    def set_link(self, zone: str, link: Link) -> None:
        """Make a zone's link be this, and measure that it is: no exercise starts on a link that is not."""
        links = control.change(self.settings.project, zone, link, None)
        self._must_agree(zone, links)

    def measured_link(self, zone: str) -> Link:
        """How a zone's link is set, once packets have agreed that it is so."""
        links = control.show(self.settings.project)
        self._must_agree(zone, links)
        return links.zones[zone]

    def clear_links(self) -> None:
        """Take every condition away."""
        control.clear(self.settings.project, None)

    def _must_agree(self, zone: str, links: control.Links) -> None:
        wrong = [
            check.what for check in Session(self.settings, self.plan).compare(zone, links) if not check.agrees
        ]
        if wrong:
            said = f"the link of zone {zone} is not what it claims ({', '.join(wrong)})"
            raise LabError(f"{said}; see make link-show and whether the VM is busy", ExitCode.UNMEASURED)

    # --- the containers --------------------------------------------------------------------------------
    def differing(self, hosts: Sequence[str], override: Path | None = None) -> list[str]:
        """Those of the hosts that do not run as docker-compose.yml, with `override` laid over it, says."""
        done = run(compose_words(self.settings.project, "config", "--hash", "*", override=override))
        if done.returncode:
            raise LabError(f"Compose cannot read its files: {last_words(done)}", ExitCode.USAGE)
        wanted = dict(line.split() for line in done.stdout.splitlines() if line)
        form = '{{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.config-hash"}}'
        project = f"label=com.docker.compose.project={self.settings.project}"
        made = dict(line.split() for line in docker("ps", "--format", form, "--filter", project).splitlines())
        missing = next((host for host in hosts if host not in made), None)
        if missing:
            raise LabError(f"host {missing} is not running; run: make up", ExitCode.UNMEASURED)
        return [host for host in hosts if made[host] != wanted[host]]

    def recreate(self, hosts: Sequence[str], override: Path | None = None) -> None:
        """Make hosts run so; those that do already are left alone. Waits until they are healthy."""
        container(self.settings.project, "router")  # a lab that is down is not brought up by halves
        words = ("up", "--detach", "--no-build", "--no-deps", "--timeout", "5", *hosts)
        compose(self.settings.project, *words, override=override)
        health.wait(self.settings.project, self.plan, hosts, self.say)

    # --- the firewall ----------------------------------------------------------------------------------
    def rules(self) -> str:
        """The rules in force."""
        return self.run("router", *RULES)

    def load_rules(self, file: Path = loader.FILE) -> None:
        """Load a ruleset, the shipped one by default."""
        loader.load(Containers(self.settings), self.plan, file=file)

    # --- the limits on log-ins and on messages ---------------------------------------------------------
    def limits(self) -> Limits:
        """Those in force."""
        return limits.in_force(self.settings)

    def set_limits(self, wanted: Limits) -> None:
        """Put others in force; the webhook's windows start anew in any case."""
        limits.change(self.settings, wanted)

    def limits_are_own(self) -> bool:
        """Whether they are the lab's own."""
        return self.limits() == limits.own(self.settings)

    def own_limits(self) -> None:
        """Back to the lab's own."""
        limits.clear(self.settings)

    # --- hosts out of service --------------------------------------------------------------------------
    def out_of_service(self) -> dict[str, str]:
        """The hosts that should run and do not, and how the engine finds each: exited, paused."""
        states = health.states(self.settings.project)
        if not states:
            raise LabError("the lab is not there; make up brings it up", ExitCode.UNMEASURED)
        found = {
            name: states[name].status if name in states else "missing"
            for name in lifecycle.services(self.now(), self.plan)
        }
        return {name: status for name, status in found.items() if status != "running"}

    def drained(self) -> set[str]:
        """The replicas that the edge has been told to ask nothing."""
        return outage.drained(self.settings, self.plan)

    def make_whole(self) -> None:
        """Start what is dead, thaw what is frozen, and have the edge ask every replica."""
        if self.out_of_service():
            Site(self.now(), self.plan, self.say).make_whole()
        drain.resume_all(self.settings.project)

    # --- HTTPS, and load -------------------------------------------------------------------------------
    def https_is_on(self) -> bool:
        """Whether the edge speaks HTTPS."""
        return files.is_on()

    def https_off(self) -> None:
        """Back to HTTP alone, if it is not so."""
        if files.is_on():
            switch.turn_off(self.settings, self.plan)

    def load(self, plan: Plan) -> tuple[Records, Path]:
        """Run a load test; its requests, and its folder."""
        folder = session.run(self.settings, self.plan, plan, self.say)
        return records.read(folder), folder
