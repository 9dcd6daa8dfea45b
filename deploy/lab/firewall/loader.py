"""Loading router.nft so that a mistake cannot lock anyone out.

The file is checked first, loaded in one transaction, and tried from outside the router. Before it is loaded,
the router itself is told to take the old rules back after some seconds unless it hears that all is well: that
works also when whoever loads cannot reach it any more.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path

from lab import paths
from lab.errors import ExitCode, LabError
from lab.firewall import ownership, table
from lab.firewall.probe import connect
from lab.firewall.site import Site
from lab.topology import Topology

FILE = paths.ROOT / "deploy/firewall/router.nft"
RUN = "/run/lab"
DECLARATION = re.compile(r'(counter (\w+) \{)(\s*(?:comment "[^"\n]*"\s*;?\s*)?)\}')
# Runs in the router by itself: the file is both the old ruleset and the sign that nobody has confirmed.
# It is renamed before it is loaded, so that only one of timer and loader can have it.
TAKE_BACK = 'mv "$0" "$0.taken-back" 2>/dev/null && nft -f "$0.taken-back"'
TIMER = f'sleep "$1"; {TAKE_BACK}'
PATIENCE = 5.0  # seconds for one try to reach the service: a link may be made slow on purpose
TRIES = 2


class RolledBackError(LabError):
    """The new ruleset was taken back; the old one is in force."""


def load(
    site: Site,
    plan: Topology,
    *,
    within: int = 30,
    file: Path = FILE,
    run: str = RUN,
    ask: Callable[[], bool] | None = None,
) -> None:
    """Check the file, load it, and confirm it or take it back.

    `within` is after how many seconds the router takes the old rules back by itself; `ask` asks a person to
    confirm, besides the probe from the client to the edge. Raises LabError if nft refuses the file (the old
    rules stay), RolledBackError if the new ones lock the client or the person out.
    """
    if not file.is_file():
        raise LabError(
            f"there is no file {file}; the router's own is deploy/firewall/router.nft", ExitCode.USAGE
        )
    last = table.counters(site)
    text = _with_counters(file.read_text(), last)
    check(site, text, file)
    ownership.check(text, file.name)
    _refuse_two_at_once(site, run)
    reached_before = _reachable(site, plan)
    waiting = f"{run}/rollback-{uuid.uuid4().hex[:8]}.nft"
    _save(site, waiting, last)
    _start_timer(site, waiting, within)
    try:
        _nft(site, text)
        problem = _problem(site, plan, file, ask, reached_before)
    except LabError:
        _take_back(site, waiting)
        raise
    if problem:
        _take_back(site, waiting)
        raise RolledBackError(f"{problem}; the old rules are back")
    if site.run("router", ["rm", waiting]).returncode != 0:
        raise RolledBackError(f"nobody confirmed within {within} s; the router has taken the old rules back")


def _refuse_two_at_once(site: Site, run: str) -> None:
    """A second load would be undone by the first one's timer."""
    if site.run("router", ["sh", "-c", 'ls "$0"/rollback-*.nft', run]).returncode == 0:
        raise LabError("another make firewall waits for its confirmation; try again when it has ended")


def _start_timer(site: Site, waiting: str, within: int) -> None:
    """Have the router take the old rules back by itself, unless `waiting` is gone by then."""
    timer = f"({TIMER}) >/dev/null 2>&1 </dev/null &"
    done = site.run("router", ["setsid", "--fork", "sh", "-c", timer, waiting, str(within)])
    if done.returncode != 0:
        site.run("router", ["rm", "-f", waiting])
        said = f"the router cannot start its timer, so nothing was loaded: {done.stderr.strip()}"
        raise LabError(said, ExitCode.UNMEASURED)


def _problem(
    site: Site, plan: Topology, file: Path, ask: Callable[[], bool] | None, reached_before: bool
) -> str:
    """Why the new rules must not stay; empty if they may."""
    if not _reachable(site, plan):
        if not reached_before:
            return (
                "the client cannot reach the edge at port 80, and could not before either, so it may be the "
                "link or the edge (make link-show, make status)"
            )
        return f"{file.name} would lock the clients out: the client cannot reach the edge at port 80"
    return "" if ask is None or ask() else "not confirmed"


def _take_back(site: Site, waiting: str) -> None:
    """Load the old rules at once, unless the router has done so by itself."""
    site.run("router", ["sh", "-c", TAKE_BACK, waiting])


def check(site: Site, text: str, file: Path) -> None:
    """Raise LabError with nft's own words, caret and all, if it would not load the text."""
    done = site.run("router", ["nft", "-c", "-f", "-"], stdin=text)
    if done.returncode != 0:
        said = done.stderr.replace("/dev/stdin", file.name).replace("stdin", file.name).rstrip()
        raise LabError(f"nft does not accept {file.name}; the old rules stay:\n{said}", ExitCode.FAILED)


def _with_counters(text: str, last: dict[str, table.Counter]) -> str:
    """The ruleset with each declared counter at its last value, which a reload would otherwise zero."""

    def at_last(found: re.Match[str]) -> str:
        value = last.get(found[2])
        return f"{found[1]} packets {value.packets} bytes {value.bytes};{found[3]}}}" if value else found[0]

    return DECLARATION.sub(at_last, text)


def _save(site: Site, path: str, last: dict[str, table.Counter]) -> None:
    """Write the rules in force to a file in the router, from which they can be loaded again."""
    # -s: without what dynamic sets have learned, which nft prints in a form that it cannot read.
    listed = site.run("router", ["nft", "-s", "list", "table", "inet", table.TABLE])
    old = _with_counters(listed.stdout, last)
    head = f"table inet {table.TABLE}\ndelete table inet {table.TABLE}\n"
    check(site, head + old, Path("the ruleset in force"))
    written = site.run("router", ["sh", "-c", 'cat >"$0"', path], stdin=head + old)
    if written.returncode != 0:
        raise LabError(f"the router cannot save its rules: {written.stderr.strip()}", ExitCode.UNMEASURED)


def _nft(site: Site, text: str) -> None:
    done = site.run("router", ["nft", "-f", "-"], stdin=text)
    if done.returncode != 0:
        raise LabError(f"the kernel did not take the rules; the old ones stay:\n{done.stderr.rstrip()}")


def _reachable(site: Site, plan: Topology) -> bool:
    """Whether a new connection from the client gets through the router to the service."""
    edge = plan.address("edge")
    return any(connect(site, "client", edge, 80, PATIENCE) == "accept" for _ in range(TRIES))
