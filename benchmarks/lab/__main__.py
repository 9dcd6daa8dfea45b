"""Measure what the README promises of a lab that is up, print a table, exit 1 if one is not kept.

It uses the lab that `make up` started: tickets are posted to its Discord stand-in again (four minutes at
Discord's own pace), and its service gets 30 s of load. Times are wall-clock times on this VM.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from benchmarks.report import Result, tell
from lab import lifecycle, paths
from lab.engine import exec_argv
from lab.settings import Settings

LAB = str(paths.ROOT / ".venv/bin/lab")
TIMES = 3
FIXTURE = "/tmp/benchmark.json"  # noqa: S108 - in the container's own tmpfs


def seconds(*argv: str) -> float:
    """How long a command takes, which must succeed."""
    began = time.monotonic()
    subprocess.run(argv, check=True, capture_output=True)
    return time.monotonic() - began


def starting() -> Result:
    """`make up` of a lab that is down, with its images built: containers, networks, health, migration."""
    seconds(LAB, "down")
    taken = seconds("make", "-C", str(paths.ROOT), "up")
    seen = "wall clock, from make down", f"{taken:.1f} s"
    return Result("make up, warm machine", seen, "< 20 s", taken < 20)


def commands(loaded: Settings) -> Iterator[Result]:
    """The guide's two commands on app1, less what the engine takes to start a command there."""

    def on_app1(*words: str) -> Callable[[], float]:
        return lambda: seconds(*exec_argv(loaded.project, "app1", words))

    manage = ("python", "manage.py")
    seed = on_app1(*manage, "generate_tickets", "--count", "1300", "--seed", "10", "--output", FIXTURE)
    load = on_app1(*manage, "load_tickets", FIXTURE)
    nothing = statistics.median(on_app1("true")() for _ in range(TIMES))
    for what, command in (("seed 1,300", seed), ("load 1,300", load)):
        taken = statistics.median(command() for _ in range(TIMES)) - nothing
        method = f"median of {TIMES}, less {nothing:.2f} s for an empty command"
        yield Result(what, (method, f"{taken:.2f} s"), "< 1 s", taken < 1)


def notifying(loaded: Settings) -> Result:
    """All tickets to the stand-in, at Discord's pace, counted by the stand-in's own ledger."""
    address = f"http://localhost:{loaded['DISCORD_PORT']}/_lab"
    _forget(address)
    began = datetime.now().astimezone()
    taken = seconds(LAB, "notify", "--", "--again")
    found = _stats(address)
    twice = len(found["tickets_repeated"])
    late = sum(_after_first_window(one, began) for one in found["rate_limits_given"])
    return Result(
        "make notify",
        (
            "the stand-in's ledger: 5 per 2 s, and 30 per 60 s that no header tells",
            f"{found['tickets']:,} tickets in {found['messages']} messages, {twice} twice; "
            f"{found['rate_limited']} answers 429, {late} of them after the first window; {taken:.0f} s",
        ),
        "each once; no 429 after the first window",
        found["tickets"] >= 1300 and not twice and not late,
    )


def _after_first_window(limit: dict[str, Any], began: datetime) -> bool:
    return (datetime.fromisoformat(limit["at"]) - began).total_seconds() > 60


def _forget(address: str) -> None:
    request = urllib.request.Request(f"{address}/messages", method="DELETE")  # noqa: S310 - loopback
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


def _stats(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/stats", timeout=10) as response:  # noqa: S310
        found: dict[str, Any] = json.load(response)
    return found


def loading() -> Result:
    """Half a minute of the first scenario."""
    done = subprocess.run([LAB, "loadtest"], capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1]
    return Result("make loadtest, 30 s", ("Locust's own verdict", last), "0 failures", done.returncode == 0)


def results() -> Iterator[Result]:
    """Every measurement."""
    yield starting()
    loaded, _ = lifecycle.current()
    yield from commands(loaded)
    yield notifying(loaded)
    yield loading()


if __name__ == "__main__":
    sys.exit(tell("the lab in use", ("method", "measured"), results()))
