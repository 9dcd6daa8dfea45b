"""From what is kept of this VM's student to the document of a report."""

from __future__ import annotations

import time
from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises import sheet, student
from lab.exercises.catalogue import EXERCISES
from lab.exercises.progress import Progress, Record
from lab.load.conditions import commit


def of(kept: Progress) -> dict[str, Any]:
    """The document; raises LabError (exit code 2) before the first exercise was begun."""
    if not kept.student:
        said = "there is nothing to report yet, and no student id"
        raise LabError(f"{said}; make start EX=1 STUDENT=s1234567 begins", ExitCode.USAGE)
    begun = [number for number in EXERCISES if number in kept.records]
    return {
        "student": kept.student,
        "written": time.time(),
        "commit": commit(),
        "exercises": [_exercise(number, kept.student, kept.records[number]) for number in begun],
    }


def _exercise(number: int, who: str, record: Record) -> dict[str, Any]:
    answers, wrong = _sheet(number, who)
    return {
        "number": number,
        "started": record.started,
        "under_way": record.under_way,
        "passed": record.passed,
        "hints": record.hints,
        "solved": record.solved,
        "sealed": record.sealed,
        "answers": record.answers,
        "sheet": answers,
        "sheet_wrong": wrong,
        "checks": record.checks,
        "judgements": record.results.get("judgements", []),
        "compared": record.results.get("compared", []),
    }


def _sheet(number: int, who: str) -> tuple[dict[str, str], str]:
    """The answers as they stand now. One sheet that cannot be read keeps no other exercise out."""
    exercise = EXERCISES[number]
    questions = exercise.questions(exercise.draw(student.Draw(who, number)))
    try:
        read = sheet.read(number, questions)
    except LabError as error:
        return {}, str(error)
    return {name: answer.text for name, answer in read.items()}, ""
