"""What a load test shall do: scenario, how much load of which shape, over which link, and when it fails."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lab import paths
from lab.errors import ExitCode, LabError
from lab.load import thresholds
from link.condition import Link

FOLDER = paths.ROOT / "locustfiles"
WAYS = ("edge", "app1", "app2", "app3")
TIME = re.compile(r"(?P<number>\d+)(?P<unit>[smh]?)")
ARRIVALS = ("poisson", "even")
SOURCES = ("one", "spread")
# Each user logs in, and checking a password keeps a processor busy for about a quarter second: so they start
# over a fifth of the run, unless that takes longer than it does with locust.conf's own two a second.
SPAWNING = 0.2
SLOWEST_SPAWN = 2.0  # users per second


@dataclass(frozen=True)
class Plan:
    """A load test. Without a rate each user waits for an answer before the next request (closed loop).

    users: how many there are at most. rate: arrivals per second at most, over all generators (open loop).
    shape: how the load moves in the run's `seconds`; None keeps it level. link: that of the clients zone for
    the run; None leaves it as it is, and Link() takes its condition away. workers: processes that make the
    load; 0 lets the one that judges the run make it itself. sources: spread has users take turns over all the
    addresses that their generator has (make locust ADDRESSES=20). think_time: mean seconds between a user's
    requests; None is the scenario's own. fail_if: thresholds, as lab.load.thresholds reads them. host: the
    service's URL; None is the one that the generators know, http://10.10.10.1.
    """

    scenario: str
    shape: str | None = None
    users: int = 20
    rate: float | None = None
    seconds: float = 30.0
    link: Link | None = None
    workers: int = 0
    via: str = "edge"
    keep_alive: bool = True
    sources: str = "one"
    think_time: float | None = None
    arrivals: str = "poisson"
    fail_if: tuple[str, ...] = ()
    label: str = ""
    host: str | None = None

    def check(self) -> None:
        """Raise LabError (exit code 2) unless it can be run."""
        _known("scenario", self.scenario, scenarios())
        if self.shape is not None:
            _known("shape", self.shape, shapes())
        _known("way (--via)", self.via, list(WAYS))
        _known("choice of sources", self.sources, list(SOURCES))
        _known("kind of arrivals", self.arrivals, list(ARRIVALS))
        _at_least("--users", self.users, 1)
        _at_least("--workers", self.workers, 0)
        _at_least("--time", self.seconds, 1)
        _at_least("--think-time", self.think_time or 0.0, 0)
        if self.rate is not None and not self.rate > 0:
            raise LabError(
                f"--rate {self.rate:g} makes no load; leave it out, or say --rate 50", ExitCode.USAGE
            )
        thresholds.parse_all(self.fail_if)


def duration(text: str) -> float:
    """Seconds of 30s, 5m, 1h or a bare number of seconds; raises LabError (exit code 2) for others."""
    found = TIME.fullmatch(text.strip())
    if not found:
        raise LabError(f"--time '{text}' is no time; write it like 30s, 5m or 1h", ExitCode.USAGE)
    return float(found["number"]) * {"s": 1, "m": 60, "h": 3600}[found["unit"] or "s"]


def scenarios() -> list[str]:
    """The scenarios that there are: locustfiles/*.py."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def shapes() -> list[str]:
    """The shapes that there are: locustfiles/shapes/*.py."""
    return sorted(path.stem for path in (FOLDER / "shapes").glob("*.py") if path.stem != "__init__")


def locust_words(plan: Plan) -> list[str]:
    """The options that tell Locust the plan, the same for master and workers; defaults are left out."""
    files = f"{plan.scenario}.py" + (f",shapes/{plan.shape}.py" if plan.shape else "")
    words = ["--locustfile", files]
    words += ["--host", plan.host] if plan.host else []
    words += ["--via", plan.via] if plan.via != "edge" else []
    words += ["--keep-alive", "off"] if not plan.keep_alive else []
    words += ["--sources", plan.sources] if plan.sources != "one" else []
    words += ["--think-time", f"{plan.think_time:g}"] if plan.think_time is not None else []
    words += ["--rate", f"{plan.rate:g}", "--arrivals", plan.arrivals] if plan.rate is not None else []
    return words


def judge_words(plan: Plan) -> list[str]:
    """The options for the process that leads the run: how many users, how soon, how long."""
    spawn = max(SLOWEST_SPAWN, plan.users / (SPAWNING * plan.seconds))
    time = f"{math.ceil(plan.seconds)}s"
    return ["--users", str(plan.users), "--spawn-rate", f"{spawn:g}", "--run-time", time]


def _known(what: str, name: str, there: list[str]) -> None:
    if name not in there:
        known = ", ".join(there) or "none in this checkout"
        raise LabError(f"there is no {what} '{name}'; those that there are: {known}", ExitCode.USAGE)


def _at_least(option: str, value: float, least: float) -> None:
    if not value >= least:
        raise LabError(f"{option} {value:g} is too little; say at least {least:g}", ExitCode.USAGE)
