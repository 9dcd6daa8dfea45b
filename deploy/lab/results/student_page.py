"""A student's report as a page that needs nothing from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lab.exercises import student
from lab.exercises.catalogue import EXERCISES
from lab.exercises.model import Judgement, Question
from lab.load.page import render
from lab.results import charts, standing
from lab.results.report import Attempt, Report


@dataclass(frozen=True)
class Answered:
    """One question: as it was predicted when sealed, as it stands now, and what the last check said of it."""

    name: str
    text: str
    sealed: str
    now: str
    judgement: Judgement | None


@dataclass(frozen=True)
class Section:
    """One exercise on the page."""

    title: str
    minutes: int
    numbers: Mapping[str, str]
    attempt: Attempt
    state: str
    chart: Markup
    answered: tuple[Answered, ...]
    on_the_lab: tuple[Judgement, ...]


def page(report: Report, vm: str) -> str:
    """The page; `vm` is the key that signed, as people compare it."""
    states = {number: standing.state(report.attempts.get(number)) for number in EXERCISES}
    return render(
        "student.html",
        report=report,
        vm=vm,
        exercises=EXERCISES,
        states=states,
        signs=standing.SIGNS,
        passed=sum(bool(one.passed) for one in report.attempts.values()),
        sections=[_section(report.student, one) for _, one in sorted(report.attempts.items())],
        when=when,
    )


def when(seconds: float) -> str:
    """A time as people read it, on this machine's clock."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""


def _section(who: str, attempt: Attempt) -> Section:
    exercise = EXERCISES[attempt.number]
    drawn = exercise.draw(student.Draw(who, attempt.number))
    questions = exercise.questions(drawn)
    answered = tuple(_answered(questions, attempt))
    asked = {one.judgement for one in answered}
    return Section(
        title=exercise.title,
        minutes=exercise.minutes,
        numbers=exercise.numbers(drawn),
        attempt=attempt,
        state=standing.state(attempt),
        chart=Markup(charts.against_theory(attempt.number, attempt.compared)),  # noqa: S704 (ours, its texts escaped)
        answered=answered,
        on_the_lab=tuple(one for one in attempt.judgements if one not in asked),
    )


def _answered(questions: Sequence[Question], attempt: Attempt) -> Iterator[Answered]:
    judged = {one.what: one for one in attempt.judgements}
    for question in questions:
        yield Answered(
            name=question.name,
            text=question.text,
            sealed=attempt.sealed.get(question.name, ""),
            now=attempt.sheet.get(question.name, ""),
            judgement=judged.get(f"{question.part.value}: {question.name}"),
        )
