"""What is true of the lab just now: who listens, how nmap sees it from the client, who answers to a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex02_ports import stray
from lab.exercises.ex02_ports.plot import Plot
from lab.exercises.ex02_ports.stray import Listening

LOOKER = "client"
APP_PORT = 8000
EDGE_PORTS = (22, 80, 443, APP_PORT)
UNKNOWN = "nobody.invalid"  # RFC 2606: a name that nobody can have
NO_ANSWER = 52  # curl: the server closed the connection and had answered nothing
PATH = "/healthz"
LINE = re.compile(r"^Host: (\S+) .*?Ports: (.*)$", re.MULTILINE)
STATE = re.compile(r"\b(\d+)/(open|closed|filtered)/")


@dataclass(frozen=True)
class Answered:
    """How a request ended: the status code (0 for none), and curl's exit code."""

    status: int
    ended: int

    @property
    def words(self) -> str:
        """The status code, or 'closed' where there was no answer."""
        return "closed" if self.ended == NO_ANSWER else str(self.status)


@dataclass(frozen=True)
class Facts:
    """The stray program's socket and how nmap sees it; the ports of edge and app1; an unknown name's fate."""

    stray: Listening
    stray_seen: str
    edge: dict[int, str]
    app_seen: str
    app_listens: tuple[int, ...]
    edge_unknown: Answered
    app_unknown: Answered


def gather(lab: RunningLab, plot: Plot) -> Facts:
    """Look from the client and on the hosts themselves; raises LabError (exit code 3)."""
    edge, app, host = lab.address("edge"), lab.address("app1"), address(lab, plot.host)
    scanned = scan(lab, (edge, app, host), (*EDGE_PORTS, plot.port))
    there = stray.listening(lab, "app1")
    return Facts(
        stray=stray.find(lab, plot),
        stray_seen=scanned[host][plot.port],
        edge={port: state for port, state in scanned[edge].items() if port in EDGE_PORTS},
        app_seen=scanned[app][APP_PORT],
        app_listens=tuple(sorted(one.port for one in there if one.bind == "all")),
        edge_unknown=through_edge(lab, UNKNOWN),
        app_unknown=straight(lab, UNKNOWN, "app1"),
    )


def address(lab: RunningLab, host: str) -> str:
    """Where the client finds a host; the router in the client's own zone."""
    return str(lab.plan.zones["clients"].router) if host == "router" else lab.address(host)


def scan(lab: RunningLab, targets: Sequence[str], asked: Sequence[int]) -> dict[str, dict[int, str]]:
    """What nmap on the client calls these ports of these addresses: open, closed or filtered.

    Raises LabError (exit code 3) if it leaves out any.
    """
    listed = ",".join(map(str, asked))
    printed = lab.run(LOOKER, "nmap", "-n", "-Pn", "-oG", "-", "-p", listed, *targets)
    found = states(printed)
    missing = [target for target in targets if found.get(target, {}).keys() != set(asked)]
    if missing:
        said = f"nmap on {LOOKER} tells nothing of {', '.join(missing)}"
        raise LabError(f"{said}; see make status", ExitCode.UNMEASURED)
    return found


def states(printed: str) -> dict[str, dict[int, str]]:
    """Ports and their states by address, from nmap's grepable output."""
    return {
        line[1]: {int(port): state for port, state in STATE.findall(line[2])}
        for line in LINE.finditer(printed)
    }


def through_edge(lab: RunningLab, name: str) -> Answered:
    """A request of the client's by this name."""
    return _ask(lab, LOOKER, f"http://{lab.address('edge')}{PATH}", name)


def straight(lab: RunningLab, name: str, app: str) -> Answered:
    """A request by this name straight at an app server, from the edge, which may."""
    return _ask(lab, "edge", f"http://{lab.address(app)}:{APP_PORT}{PATH}", name)


def _ask(lab: RunningLab, host: str, url: str, name: str) -> Answered:
    form = "%{http_code} %{exitcode}"
    done = lab.tried(
        host, "curl", "-s", "-m", "10", "-o", "/dev/null", "-w", form, "-H", f"Host: {name}", url
    )
    found = re.fullmatch(r"(\d+) (\d+)", done.stdout.strip())
    if not found or (int(found[2]) not in (0, NO_ANSWER)):
        said = f"{url} could not be asked from {host} (curl ended with {done.returncode})"
        raise LabError(f"{said}; see make status", ExitCode.UNMEASURED)
    return Answered(int(found[1]), int(found[2]))
