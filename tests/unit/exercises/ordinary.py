"""Sheets of answers against truths, without a lab: how the exercises' own answers are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement, Question, Seen, Truth


def answers(questions: Sequence[Question], said: Mapping[str, object]) -> dict[str, Answer]:
    """What `said` is once it has been read."""
    return {one.name: _read(one, said[one.name]) for one in questions}


def _read(question: Question, value: object) -> Answer:
    if question.dimension:
        return Answer(str(value), question.dimension.parse(value))
    return Answer(str(value), words=(str(value).casefold(),))


def refused(
    questions: Sequence[Question], read: Mapping[str, Answer], truths: Sequence[Truth]
) -> dict[str, str]:
    """The hints of what is not right, by what was asked."""
    judged: list[Judgement] = judge(questions, read, Seen(truths=truths))
    return {one.what.split(": ")[1]: one.hint for one in judged if not one.passed}
