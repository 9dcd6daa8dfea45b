"""The stray program: something that listens where nobody planned it, put there and taken away again."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from lab.engine import exec_argv, running
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex02_ports.plot import BINDS, HOSTS, PROGRAMS, Plot
from lab.process import last_words, run

# Writing to comm gives a process the name that ss and ps show.
LISTEN = """import socket, sys
program, address, port = sys.argv[1:]
with open("/proc/self/comm", "w") as comm:
    comm.write(program)
server = socket.create_server((address, int(port)))
while True:
    server.accept()[0].close()
"""
# Hosts have no pkill. A process may end while it is looked at.
KILL = """for file in /proc/[0-9]*/comm; do
    read -r name 2>/dev/null <"$file" || continue
    case " $1 " in *" $name "*) pid=${file#/proc/}; kill "${pid%/comm}" ;; esac
done
exit 0"""
SOCKET = re.compile(r"(?P<address>\S+):(?P<port>\d+)\s+\S+:\*(?:\s+users:\(\(\"(?P<program>[^\"]+)\")?")
PATIENCE = 5.0  # seconds until it must listen


@dataclass(frozen=True)
class Listening:
    """A listening TCP socket as `ss -ltnp` shows it; no program where another user runs it."""

    address: str
    port: int
    program: str

    @property
    def bind(self) -> str:
        """'loopback', or 'all'."""
        return "loopback" if self.address.startswith(("127.", "[::1]")) else "all"


def sockets(printed: str) -> list[Listening]:
    """The sockets of `ss -Hltnp`."""
    return [
        Listening(found["address"], int(found["port"]), found["program"] or "")
        for found in SOCKET.finditer(printed)
    ]


def listening(lab: RunningLab, host: str) -> list[Listening]:
    """Who listens on a host, by its own kernel."""
    return sockets(lab.run(host, "ss", "-Hltnp"))


def put(lab: RunningLab, plot: Plot) -> None:
    """Start it; raises LabError (exit code 3) if it does not listen."""
    words = ("python3", "-c", LISTEN, plot.program, BINDS[plot.bind], str(plot.port))
    done = run(exec_argv(lab.settings.project, plot.host, words, options=("--detach",)), timeout=30)
    if done.returncode:
        raise LabError(f"nothing could be started on {plot.host}: {last_words(done)}", ExitCode.UNMEASURED)
    deadline = time.monotonic() + PATIENCE
    while not _found(lab, plot):
        if time.monotonic() > deadline:
            said = f"port {plot.port} of {plot.host} is taken by something else"
            raise LabError(
                f"{said}; make restart HOST={plot.host}, then make start EX=2", ExitCode.UNMEASURED
            )
        time.sleep(0.2)


def find(lab: RunningLab, plot: Plot) -> Listening:
    """It, as the host's kernel sees it; raises LabError (exit code 3) when it is gone."""
    found = _found(lab, plot)
    if found is None:
        said = f"nothing listens at port {plot.port} any more, as it is when its host was restarted"
        raise LabError(f"{said}; make start EX=2 puts it back", ExitCode.UNMEASURED)
    return found


def _found(lab: RunningLab, plot: Plot) -> Listening | None:
    there = (one for one in listening(lab, plot.host) if one.port == plot.port)
    return next((one for one in there if one.program == plot.program), None)


def take_away(lab: RunningLab) -> None:
    """End all such programs on all hosts that run; none there is nothing to do."""
    for host in HOSTS:
        if running(lab.settings.project, host):
            lab.run(host, "sh", "-c", KILL, "sh", " ".join(PROGRAMS))
