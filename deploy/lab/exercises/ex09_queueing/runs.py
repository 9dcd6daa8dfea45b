"""The three runs of exercise 9: made, found again among all runs, and what their records say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex09_queueing.drawn import Drawn
from lab.generators import MASTER
from lab.load import conditions, drive, records, session, summary
from lab.load.hosts import Containers
from lab.load.plan import Plan
from lab.load.records import Records
from link.condition import to_json

SCENARIO = "health"
ENOUGH = 30  # users that take the open run's arrivals: more than are ever under way
SECONDS = {"few": 10.0, "many": 12.0, "open": 10.0}


@dataclass(frozen=True)
class Law:
    """A run's steady part: requests per second, mean seconds of each, and how many were under way.

    counted: the generators' own count of them; rate and time are of the records. waited: mean seconds at the
    edge. expected: the same by theory, for just these arrivals.
    """

    rate: float
    time: float
    counted: float
    waited: float
    expected: float


def plans(drawn: Drawn) -> Mapping[str, Plan]:
    """What is to be run, as make loadtest runs it."""
    closed = {"few": drawn.few, "many": drawn.many}
    found = {
        name: Plan(SCENARIO, users=users, think_time=drawn.pause, seconds=SECONDS[name])
        for name, users in closed.items()
    }
    return found | {"open": Plan(SCENARIO, users=ENOUGH, rate=drawn.arrivals, seconds=SECONDS["open"])}


def command(drawn: Drawn, name: str) -> str:
    """The command for one of them."""
    plan = plans(drawn)[name]
    much = f"RATE={plan.rate:g}" if plan.rate else f"THINK_TIME={drawn.think}ms"
    return f"make loadtest SCENARIO={SCENARIO} USERS={plan.users} {much} TIME={plan.seconds:.0f}s"


def run_all(lab: RunningLab, drawn: Drawn) -> None:
    """Make the three as make loadtest does, without its page, on a link that was measured when it was set."""
    for plan in plans(drawn).values():
        folder = session.new_folder(session.RUNS, plan.scenario)
        drive.run(Containers(lab.settings, lab.address(MASTER)), plan, folder, lab.say)
        seen = {**conditions.of(lab.settings), "link": {"link": to_json(lab.link("clients"))}}
        summary.write(folder, records.read(folder), plan, seen)


def found(drawn: Drawn, where: Path = session.RUNS) -> Mapping[str, Law]:
    """The newest run of each kind that went over the drawn link, if there is one, as a law."""
    there = dict(_newest(drawn, where))
    return {name: _law(records.read(folder), drawn) for name, folder in there.items()}


def _newest(drawn: Drawn, where: Path) -> Iterator[tuple[str, Path]]:
    wanted = plans(drawn)
    oldest_first = sorted(where.glob("*/" + summary.FILE), key=lambda file: file.stat().st_mtime)
    for file in oldest_first:  # a later one takes the place of an earlier one
        told = summary.load(file.parent)
        for name, plan in wanted.items():
            if _is_like(told, plan, drawn):
                yield name, file.parent


def _is_like(told: Mapping[str, Any], plan: Plan, drawn: Drawn) -> bool:
    """Same scenario and load, over the drawn link; how long it took may be the student's choice."""
    own = told["plan"]
    same = all(
        own[name] == getattr(plan, name) for name in ("scenario", "shape", "rate", "think_time", "via")
    )
    users = plan.rate is not None or own["users"] == plan.users
    return same and users and told["conditions"]["link"]["link"] == to_json(drawn.link)


def _law(rows: Records, drawn: Drawn) -> Law:
    flight = rows.run.get("in_flight") or {}
    begin, end = flight.get("from"), flight.get("to")
    if begin is None or end is None or not end > begin or not len(rows.between(begin, end)):
        raise LabError("the newest run was never steady; run it once more, for longer", ExitCode.UNMEASURED)
    steady = rows.between(begin, end)
    inside = (np.sort(rows.sent) >= begin) & (np.sort(rows.sent) < end)
    return Law(
        rate=len(steady) / (end - begin),
        time=float(steady.service_ms.mean()) / 1e3,
        counted=float(flight["mean"]),
        waited=float(np.nanmean(steady.edge_ms - steady.app_ms)) / 1e3,
        expected=float(np.mean(waits(np.sort(rows.sent), 1 / drawn.pace)[inside])),
    )


def waits(
    arrivals: np.ndarray[Any, np.dtype[np.float64]], service: float
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Seconds that each arrival waits where one is let through every `service` seconds.

    Source: Lindley's recursion, W' = max(0, W + S - A), A the time to the next arrival (Kleinrock, Queueing
    Systems I, section 8.1).
    """
    waited = np.zeros(len(arrivals))
    for place, gap in enumerate(np.diff(arrivals), 1):
        waited[place] = max(0.0, waited[place - 1] + service - gap)
    return waited
