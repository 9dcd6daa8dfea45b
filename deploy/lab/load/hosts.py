"""The hosts that make load, as a run needs them: which there are, and how to run a command on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from lab.engine import container, docker_argv, running
from lab.errors import ExitCode, LabError
from lab.generators import MASTER, WORKER
from lab.settings import Settings


class Hosts(Protocol):
    """The load generators of a lab."""

    @property
    def judge(self) -> str:
        """The host whose Locust leads the run and judges it; raises LabError (3) if it does not run."""

    @property
    def workers(self) -> list[str]:
        """The hosts that can make load for it, at least one; raises LabError (3) if there is none."""

    @property
    def judge_address(self) -> str:
        """Where workers find the judge."""

    def argv(self, host: str, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
        """The command that runs `words` on one of these hosts, with these environment variables besides."""


class Containers:
    """The generators in their containers."""

    def __init__(self, settings: Settings, judge_address: str) -> None:
        self._project = settings.project
        self.judge_address = judge_address

    @property
    def judge(self) -> str:
        """The container of Locust's master."""
        return container(self._project, MASTER)

    @property
    def workers(self) -> list[str]:
        """The containers of its workers."""
        found = running(self._project, WORKER)
        if not found:
            raise LabError("no worker is running; run: make locust WORKERS=2", ExitCode.UNMEASURED)
        return found

    def argv(self, host: str, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
        """Through the engine."""
        options = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
        return docker_argv("exec", *options, host, *words)
