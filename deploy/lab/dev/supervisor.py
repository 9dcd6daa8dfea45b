"""Programs that run side by side on this machine: they start together, and none outlives the others."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from lab.errors import LabError

LOOPBACK = "127.0.0.1"
GRACE = 10.0  # seconds that programs get to end by themselves before they are killed


@dataclass(frozen=True)
class Program:
    """A command line that runs until it is told to stop."""

    name: str
    argv: Sequence[str]
    directory: Path
    log: Path | None = None  # where its output goes; None: where ours goes
    port: int | None = None  # TCP port on loopback that it listens on once it is ready
    environment: Mapping[str, str] = field(default_factory=dict)  # added to our own


@dataclass(frozen=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    pidfd: int  # readable once the process has ended

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the program and all that it started.

        The process is not reaped before `close`, so its id, which is also the group's, can't be another's.
        """
        os.killpg(self.process.pid, number)

    def close(self) -> None:
        self.process.wait()
        os.close(self.pidfd)


class Supervisor:
    """A context in which programs run; on leaving it, for whatever reason, all of them are stopped."""

    def __init__(self) -> None:
        self._children: list[_Child] = []

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, program: Program) -> int:
        """Start a program in a session (and so a process group) of its own; return its process id."""
        with program.log.open("ab") if program.log else nullcontext() as output:
            process = subprocess.Popen(
                # Should we be killed without a chance to clean up, the kernel ends the program for us.
                ["setpriv", "--pdeathsig", "TERM", "--", *program.argv],
                cwd=program.directory,
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output and subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(_Child(program, process, os.pidfd_open(process.pid)))
        return process.pid

    def wait_until_ready(self, timeout: float = 30.0) -> None:
        """Return when every program listens on its port.

        Raises `LabError` when one ends instead, or when `timeout` seconds have passed.
        """
        deadline = time.monotonic() + timeout
        for program in [child.program for child in self._children if child.program.port]:
            while not _listens(program.port):
                self._check(wait=0.05)
                if time.monotonic() > deadline:
                    raise LabError(
                        f"{program.name} does not listen on {LOOPBACK}:{program.port} after {timeout:.0f} s; "
                        f"its log is {program.log}"
                    )

    def follow(self) -> NoReturn:
        """Wait until one of the programs ends, and raise `LabError` that says which and why."""
        while True:
            self._check(wait=None)

    def stop(self) -> None:
        """End every program: politely, and by force after `GRACE` seconds or when interrupted."""
        try:
            for child in reversed(self._children):
                child.signal_group(signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            for child in self._children:
                _readable([child.pidfd], max(0.0, deadline - time.monotonic()))
        finally:
            while self._children:
                child = self._children.pop()
                child.signal_group(signal.SIGKILL)  # also what a program left behind in its group
                child.close()

    def _check(self, wait: float | None) -> None:
        """Raise `LabError` if a program has ended; wait up to so many seconds (None: for ever) to see."""
        ended = _readable([child.pidfd for child in self._children], wait)
        for child in self._children:
            if child.pidfd in ended:
                raise LabError(_obituary(child.program))


def _readable(descriptors: Sequence[int], wait: float | None) -> list[int]:
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _event in poll.poll(None if wait is None else wait * 1000)]


def _listens(port: int | None) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _obituary(program: Program) -> str:
    sentence = f"{program.name} ended, so the rest is stopped too"
    lines = program.log.read_text(errors="replace").splitlines() if program.log else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), None)
    return f"{sentence}; the last line of its log {program.log} is: {last}" if last else sentence
