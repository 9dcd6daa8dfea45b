"""Where each student stands in each exercise, and what holds the class up."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.exercises.catalogue import EXERCISES
from lab.results.report import Attempt, Report

STUCK = 3  # failed checks without a pass: whoever needs help, and may not ask for it
OPEN, UNDER_WAY, STUCK_THERE, BY_KEY, PASSED = "open", "under way", "stuck", "passed by key", "passed"
SIGNS = {OPEN: "·", UNDER_WAY: "…", STUCK_THERE: "✘", BY_KEY: "K", PASSED: "✔"}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def state(attempt: Attempt | None) -> str:
    """In a word or two. A pass after make solve is told apart: the instructor's key made it."""
    if attempt is None or not attempt.started:
        return OPEN
    if attempt.passed:
        return BY_KEY if attempt.solved else PASSED
    return STUCK_THERE if len(attempt.checks) >= STUCK else UNDER_WAY


@dataclass(frozen=True)
class Hint:
    """A hint that checks gave, its numbers left out: to how many students, and how often."""

    exercise: int
    text: str
    students: int
    times: int


def hints(reports: Iterable[Report]) -> list[Hint]:
    """The hints that checks gave, of each exercise those first that most students got."""
    given = defaultdict[tuple[int, str], list[str]](list)
    for report in reports:
        for attempt in report.attempts.values():
            for text in (hint for check in attempt.checks for hint in check.hints):
                given[attempt.number, NUMBER.sub("…", text)].append(report.student)
    counted = [Hint(number, text, len(set(who)), len(who)) for (number, text), who in given.items()]
    return sorted(counted, key=lambda hint: (hint.exercise, -hint.students, -hint.times, hint.text))


@dataclass(frozen=True)
class Summary:
    """An exercise over the class: how many stand where, and the minutes of those who passed by themselves."""

    exercise: int
    title: str
    planned: int
    states: Mapping[str, int]
    minutes: tuple[float, ...]

    @property
    def median(self) -> float | None:
        """Of the minutes; None if nobody passed."""
        return statistics.median(self.minutes) if self.minutes else None


def summaries(reports: Iterable[Report]) -> list[Summary]:
    """Each exercise of the kit."""
    every = list(reports)
    return [_summary(number, [report.attempts.get(number) for report in every]) for number in EXERCISES]


def _summary(number: int, attempts: list[Attempt | None]) -> Summary:
    there = [state(attempt) for attempt in attempts]
    took = [one.minutes for one in attempts if one and state(one) == PASSED and one.minutes is not None]
    exercise = EXERCISES[number]
    counts = {name: there.count(name) for name in SIGNS}
    return Summary(number, exercise.title, exercise.minutes, counts, tuple(sorted(took)))
