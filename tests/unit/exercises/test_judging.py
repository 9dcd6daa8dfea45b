"""From answers and truths to lines with the hint that fits."""

from __future__ import annotations

import pytest

from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement, Mistake, Part, Question, Seen, Truth, all_right
from lab.exercises.quantity import TIME

RTT = Question("rtt", Part.PREDICT, "The round trip.", TIME)
TRUTH = Truth(
    "rtt", 0.08, absolute=1e-3, relative=0.03, mistakes=(Mistake(0.04, "twice!"),), otherwise="count"
)


def _of(number: float, truth: Truth = TRUTH) -> Judgement:
    (one,) = judge([RTT], {"rtt": Answer("text", number)}, Seen(truths=[truth]))
    return one


@pytest.mark.parametrize("number", [0.08, 0.0824, 0.0776])
def test_within_the_tolerance_is_right(number: float) -> None:
    assert _of(number).passed


@pytest.mark.parametrize(
    ("number", "hint"), [(0.04, "twice!"), (0.0405, "twice!"), (0.0825, "count"), (0.3, "count")]
)
def test_a_known_mistake_gets_its_own_hint(number: float, hint: str) -> None:
    assert (_of(number).passed, _of(number).hint) == (False, hint)


def test_not_a_number_is_not_right() -> None:
    assert not _of(float("nan")).passed


def test_a_missing_answer_is_told_with_its_question() -> None:
    (one,) = judge([RTT], {}, Seen(truths=[TRUTH]))
    assert (one.passed, one.hint) == (False, "not answered yet: The round trip.")


def test_words_are_compared_as_a_set_and_without_case() -> None:
    hosts = Question("hosts", Part.MEASURE, "Who?", listed=True)
    truth = Truth("hosts", ("Edge", "client"))
    right, wrong = (judge([hosts], {"hosts": Answer("", words=words)}, Seen(truths=[truth]))[0] for words in (
        ("client", "edge"), ("client",)))  # fmt: skip
    assert (right.passed, wrong.passed) == (True, False)


def test_a_wrong_prediction_does_not_tell_the_right_one() -> None:
    assert _of(0.3).expected == ""
    assert _of(0.08).expected == "80 ms ± 2.4 ms"


def test_a_question_without_a_truth_is_a_defect_and_no_pass() -> None:
    with pytest.raises(KeyError):
        judge([RTT], {}, Seen())


def test_nothing_looked_at_is_no_pass() -> None:
    assert not all_right([])
    assert all_right([Judgement("a", True)])
    assert not all_right([Judgement("a", True), Judgement("b", False)])
