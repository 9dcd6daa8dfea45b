"""What a class's reports have in common that they should not: to be talked about, no verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lab.exercises import student
from lab.exercises.catalogue import EXERCISES
from lab.exercises.model import Part
from lab.exercises.quantity import COUNT
from lab.results import again, vmkey
from lab.results.report import Attempt, Report

# Answers rounded to two or three digits are easily the same by chance; two of four digits or more are not:
# curl and ping print five or six, of which the last ones are noise.
DIGITS, ANSWERS = 4, 2


@dataclass(frozen=True)
class Doubt:
    """What is odd, and about whom."""

    students: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"{' and '.join(self.students)}: {self.what}"


def of(newest: Mapping[str, Report], every: Sequence[Report]) -> list[Doubt]:
    """All doubts: `newest` is each student's report that counts, `every` has the older ones too."""
    return [*_keys(every), *_not_theirs(newest), *_alike(list(newest.values()))]


def _keys(every: Sequence[Report]) -> Iterator[Doubt]:
    students, vms = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for report in every:
        students[report.vm].add(report.student)
        vms[report.student].add(report.vm)
    for vm, who in sorted(students.items()):
        if len(who) > 1:
            yield Doubt(tuple(sorted(who)), f"their reports were written on one VM (key {vmkey.name(vm)}…)")
    for name, keys in sorted(vms.items()):
        if len(keys) > 1:
            told = " and ".join(f"{vmkey.name(vm)}…" for vm in sorted(keys))
            yield Doubt(
                (name,), f"handed in from {len(keys)} VMs (keys {told}); a new VM, or another's file?"
            )


def _not_theirs(newest: Mapping[str, Report]) -> Iterator[Doubt]:
    for who, report in newest.items():
        for number, attempt in report.attempts.items():
            found = again.judged(who, attempt)
            if found and found.wrong:
                wrong = ", ".join(found.wrong)
                yield Doubt(
                    (who,), f"exercise {number} passed with answers that are wrong for {who}: {wrong}"
                )


def _alike(reports: Sequence[Report]) -> Iterator[Doubt]:
    for one, other in combinations(reports, 2):
        for number in sorted(one.attempts.keys() & other.attempts.keys()):
            mine, theirs = one.attempts[number], other.attempts[number]
            if what := _same(one.student, mine, theirs):
                yield Doubt((one.student, other.student), f"exercise {number} has the same {what}")


def _same(who: str, mine: Attempt, theirs: Attempt) -> str:
    """What two attempts both have that nobody measures twice."""
    measured = _free(who, mine)
    telling = sum(len(_digits(text)) >= DIGITS for text in measured.values())
    if telling >= ANSWERS and all(theirs.answers.get(name) == text for name, text in measured.items()):
        return "measurements to the last digit"
    if _figures(mine) and _figures(mine) == _figures(theirs):
        return "figures of the lab in its last check"
    return ""


def _free(who: str, attempt: Attempt) -> dict[str, str]:
    """The measured answers that are free numbers: counts are the same for everybody who is right."""
    exercise = EXERCISES[attempt.number]
    questions = exercise.questions(exercise.draw(student.Draw(who, attempt.number)))
    free = [one.name for one in questions if one.part is Part.MEASURE and one.dimension not in (None, COUNT)]
    return {name: attempt.answers[name] for name in free if name in attempt.answers}


def _digits(text: str) -> str:
    """The digits of a number that say something."""
    return "".join(letter for letter in text if letter.isdigit()).strip("0")


def _figures(attempt: Attempt) -> list[float]:
    """What the last check measured, if any of it is no round number."""
    measured = [row.base[1] for row in attempt.compared if row.base]
    return measured if any(value != round(value, 4) for value in measured) else []
