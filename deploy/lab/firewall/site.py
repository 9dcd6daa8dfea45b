"""Where commands run: on the lab's hosts in containers, or (in the tests) in network namespaces."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Protocol

from lab.engine import container, docker_argv
from lab.errors import ExitCode, LabError
from lab.images import name
from lab.process import run
from lab.settings import Settings

Done = subprocess.CompletedProcess[str]


class Site(Protocol):
    """A place that has the topology's hosts."""

    def run(self, host: str, words: Sequence[str], *, stdin: str | None = None) -> Done:
        """Run a command on a host; raises LabError (exit code 3) if the host is not there."""

    def forge(self, host: str, source: str, target: str) -> Done:
        """Send one ping from `host` to the address `target`, with the address `source` as its sender."""


class Containers:
    """The lab's hosts as they run in containers."""

    def __init__(self, settings: Settings) -> None:
        self._project = settings.project
        self._ids: dict[str, str] = {}

    def run(self, host: str, words: Sequence[str], *, stdin: str | None = None) -> Done:
        """As `Site.run`."""
        if host not in self._ids:
            self._ids[host] = container(self._project, host)
        options = ["--interactive"] if stdin is not None else []
        done = run(docker_argv("exec", *options, self._ids[host], *words), stdin=stdin, timeout=60)
        if done.returncode in (126, 127):  # the engine could not start the command
            raise LabError(f"host {host} cannot run {words[0]}: {done.stderr.strip()}", ExitCode.UNMEASURED)
        return done

    def forge(self, host: str, source: str, target: str) -> Done:
        """As `Site.forge`. Only the client has a tool for it; others lend it their network."""
        return self.borrow(host, ["nping", "--icmp", "-c", "1", "-e", "eth0", "-S", source, target])

    def borrow(self, host: str, words: Sequence[str]) -> Done:
        """Run a tool of the client's in a host's network, from a container that lives as long as it runs."""
        if host == "client":
            return self.run(host, words)
        argv = docker_argv(
            *("run", "--rm", "--network", f"container:{container(self._project, host)}", "--read-only"),
            *("--cap-drop", "ALL", "--cap-add", "NET_RAW", "--security-opt", "no-new-privileges"),
            *(name("client"), *words),
        )
        return run(argv, timeout=60)
