"""Exercise 11: theory against a stall that is reckoned out, the pairs, and which answers are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.exercises.ex11_honest import asked, pairs
from lab.exercises.ex11_honest.asked import Stall
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement, Seen
from lab.exercises.student import Draw
from lab.load.records import COLUMNS, Records

DRAWN = Stall(24, 40, pairs.draw(Draw("s1", 11)))
STUDENTS = [asked.draw(Draw(f"s{number}", 11)) for number in range(30)]
BEGIN, QUICK = 5.0, 0.003  # seconds: when the stall begins, and an answer without one
SEEN = {"hit_seen": 96.0, "p99_open_seen": 2.26, "mean_open_seen": 0.2, "p99_closed_seen": 0.009}


def _rows(waits: np.ndarray) -> Records:
    empty = Records({"began": 0.0, "ended": 15.0}, *[np.array([])] * len(COLUMNS))
    return replace(empty, response_ms=waits * 1e3)


def _open(drawn: Stall) -> Records:
    """Even arrivals, each of which waits for the end of the stall if it begins in it."""
    begun = np.arange(0, asked.LENGTH, 1 / drawn.rate)
    left = np.where(begun >= BEGIN, BEGIN + drawn.seconds - begun, 0)
    return _rows(np.maximum(left, 0) + QUICK)


def _closed(drawn: Stall) -> Records:
    """One user, who waits out the stall once and pauses between all others."""
    often = int((asked.LENGTH - drawn.seconds) / (drawn.think_ms / 1e3 + QUICK))
    return _rows(np.array([QUICK] * often + [drawn.seconds]))


def _judged(**answers: Answer) -> dict[str, Judgement]:
    truths = [
        *asked.guessed(DRAWN),
        *asked.counted(SEEN),
        *asked.noise([0.002, 0.004]),
        *asked.explained(DRAWN),
    ]
    return {one.what.split()[-1]: one for one in judge(asked.questions(DRAWN), answers, Seen(truths=truths))}


@pytest.mark.parametrize("drawn", STUDENTS, ids=lambda one: f"{one.seconds}s-{one.rate}")
def test_theory_is_what_such_a_stall_does(drawn: Stall) -> None:
    seen, theory = asked.measured(drawn, _open(drawn), _closed(drawn)), asked.predicted(drawn)
    assert seen["hit_seen"] == pytest.approx(theory["hit"] / 2, rel=0.08)
    assert seen["p99_open_seen"] == pytest.approx(theory["p99_open"], abs=0.05)
    assert seen["mean_open_seen"] == pytest.approx(theory["mean_open"] + QUICK, rel=0.05)
    assert all(one.agrees for one in asked.compared(drawn, seen))
    assert not any(one.agrees for one in asked.compared(drawn, seen | {"stall": 2 * drawn.seconds}))


@pytest.mark.parametrize("drawn", STUDENTS, ids=lambda one: f"{one.seconds}s-{one.rate}")
def test_the_closed_loop_hides_it_and_the_open_loop_has_users_enough(drawn: Stall) -> None:
    assert asked.measured(drawn, _open(drawn), _closed(drawn))["p99_closed_seen"] == pytest.approx(QUICK)
    assert drawn.rate * drawn.seconds < 0.7 * asked.USERS


@pytest.mark.parametrize("two", [one.pairs for one in STUDENTS], ids=lambda one: one.words("x"))
def test_one_change_helps_each_time_and_the_other_seems_to_the_first_time(two: pairs.Pairs) -> None:
    assert all(by < 0 for by in two.differences(two.helps))
    idle = two.differences(two.idle)
    assert {by > 0 for by in idle} == {True, False}
    assert -idle[0] > 1.5 * max(-by for by in two.differences(two.helps))
    assert np.median(idle) > 0
    assert two.gain == -np.median(two.differences(two.helps))


def test_what_the_first_run_of_a_neighbour_says_is_hardly_ever_right() -> None:
    assert len({(one.tenths, one.rate) for one in STUDENTS}) >= 25
    assert {one.pairs.helps for one in STUDENTS} == {"x", "y"}


@pytest.mark.parametrize(
    ("question", "number", "hint"),
    [
        ("hit", 250.0, "users are only there"),
        ("hit", 800.0, "all of them"),
        ("hit", 1.0, "closed loop's one user"),
        ("mean_open", 1.2, "mean of those who were hit"),
        ("p99_open", 2.4, "the longest wait"),
        ("p99_open", 1.2, "mean of those who were hit"),
        ("p99_open_seen", 0.009, "the closed loop's"),
        ("felt", 0.009, "the closed loop's"),
        ("felt", 0.2, "that is the mean"),
        ("lowest", 2.1, "curl prints seconds"),
        ("gain", -DRAWN.pairs.differences(DRAWN.pairs.idle)[0] / 1e3, "noise"),
    ],
)
def test_a_mistake_gets_its_hint(question: str, number: float, hint: str) -> None:
    found = _judged(**{question: Answer(str(number), number)})[question]
    assert (found.passed, hint in found.hint) == (False, True)


def test_believing_one_pair_is_told_of_the_others() -> None:
    idle = DRAWN.pairs.idle
    found = _judged(helps=Answer(idle, words=(idle,)))["helps"]
    assert (found.passed, "point both ways" in found.hint) == (False, True)


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("hit", 96.0),
        ("p99_open", 2.2),
        ("mean_open", 0.144),
        ("felt", 2.26),
        ("gain", None),
    ],
)
def test_what_is_right_passes(question: str, number: float | None) -> None:
    value = DRAWN.pairs.gain / 1e3 if number is None else number
    assert _judged(**{question: Answer(str(value), value)})[question].passed
