"""From what was answered and what is true to a line for each question, with the hint that fits. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lab.exercises.model import Answer, Judgement, Part, Question, Seen, Truth

NEAR = 0.05  # how near a number must be to a known mistake to be taken for it


def judge(questions: Sequence[Question], answers: Mapping[str, Answer], seen: Seen) -> list[Judgement]:
    """What was done on the lab first, then every question in its order.

    A question that is asked and has no truth is a defect of the exercise: KeyError.
    """
    truths = {truth.question: truth for truth in seen.truths}
    asked = (_judged(question, answers.get(question.name), truths[question.name]) for question in questions)
    return [*seen.judgements, *asked]


def judge_known(
    questions: Sequence[Question], answers: Mapping[str, Answer], truths: Sequence[Truth]
) -> list[Judgement]:
    """The questions that these truths are of, without a lab."""
    of = {truth.question for truth in truths}
    return judge([question for question in questions if question.name in of], answers, Seen(truths=truths))


def _judged(question: Question, answer: Answer | None, truth: Truth) -> Judgement:
    what = f"{question.part.value}: {question.name}"
    if answer is None:
        return Judgement(what, False, f"not answered yet: {question.text}")
    right = _is_right(answer, truth)
    hint = "" if right else _hint(question, answer, truth)
    expected = _expected(question, truth) if right or question.part is not Part.PREDICT else ""
    return Judgement(what, right, hint, expected, answer.text)


def _is_right(answer: Answer, truth: Truth) -> bool:
    if isinstance(truth.value, float):
        return abs(answer.number - truth.value) <= truth.tolerance
    if isinstance(truth.value, str):
        return answer.words == (truth.value.casefold(),)
    return answer.words == tuple(sorted({word.casefold() for word in truth.value}))


def _hint(question: Question, answer: Answer, truth: Truth) -> str:
    return (
        next(_fitting(answer, truth), truth.otherwise)
        or f"not what the lab says; read again: {question.text}"
    )


def _fitting(answer: Answer, truth: Truth) -> Iterator[str]:
    for mistake in truth.mistakes:
        if isinstance(mistake.value, str):
            if mistake.value.casefold() in answer.words:
                yield mistake.hint
        elif abs(answer.number - mistake.value) <= max(NEAR * abs(mistake.value), 1e-12):
            yield mistake.hint


def _expected(question: Question, truth: Truth) -> str:
    """The truth in words; shown for what was right, and for measurements, which can be read from the lab."""
    if isinstance(truth.value, float) and question.dimension:
        around = f" ± {question.dimension.show(truth.tolerance)}" if truth.tolerance else ""
        return question.dimension.show(truth.value) + around
    return truth.value if isinstance(truth.value, str) else ", ".join(map(str, _words(truth)))


def _words(truth: Truth) -> tuple[str, ...]:
    return truth.value if isinstance(truth.value, tuple) else ()
