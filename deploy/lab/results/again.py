"""What a student handed in, judged once more from the student's id alone: copied answers do not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.errors import LabError
from lab.exercises import sheet, student
from lab.exercises.catalogue import EXERCISES
from lab.exercises.judging import judge_known
from lab.exercises.model import Answer, Part, Question, Truth
from lab.results.report import Attempt


@dataclass(frozen=True)
class Again:
    """How many of the sealed predictions were right, of how many; and the questions whose answers passed a
    check on the student's VM and are wrong for this student's numbers."""

    right: int
    asked: int
    wrong: tuple[str, ...]


def judged(who: str, attempt: Attempt) -> Again | None:
    """Judge an exercise once more; None if it has no truths without a lab."""
    exercise = EXERCISES[attempt.number]
    if exercise.known is None:
        return None
    drawn = exercise.draw(student.Draw(who, attempt.number))
    questions, truths = exercise.questions(drawn), exercise.known(drawn)
    predictions = [question for question in questions if question.part is Part.PREDICT]
    sealed = _right(predictions, attempt.sealed, truths) if attempt.sealed else {}
    passed = _right(questions, attempt.answers, truths) if attempt.passed else {}
    return Again(
        sum(sealed.values()), len(sealed), tuple(name for name, right in passed.items() if not right)
    )


def _right(
    questions: Sequence[Question], written: Mapping[str, str], truths: Sequence[Truth]
) -> dict[str, bool]:
    """Whether the answer is right, for each question of which there is a truth; none is not right."""
    answers = {
        one.name: answer for one in questions if one.name in written and (answer := _read(one, written))
    }
    return {one.what.partition(": ")[2]: one.passed for one in judge_known(questions, answers, truths)}


def _read(question: Question, written: Mapping[str, str]) -> Answer | None:
    try:
        return sheet.again(question, written[question.name])
    except LabError:  # no check lets it through, so whoever wrote it was no check
        return None
