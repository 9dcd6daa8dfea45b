"""A link that is typed is the one that is asked for; what chance does not decide is measured again."""

from __future__ import annotations

import pytest

from lab.exercises.linked import same, settled
from lab.exercises.model import Compared
from lab.exercises.quantity import TIME
from lab.link.measure import RESTS
from link.condition import Condition, Link
from link.units import bits_per_second, fraction, seconds


def _both(condition: Condition) -> Link:
    return Link(condition, condition)


@pytest.mark.parametrize("milliseconds", range(1, 100))
def test_a_delay_as_it_is_typed_is_the_one_that_is_calculated(milliseconds: int) -> None:
    typed = Condition(delay=seconds(f"{milliseconds}ms", "--delay"))
    assert same(_both(typed), _both(Condition(delay=milliseconds / 1e3)))


@pytest.mark.parametrize("tenths", range(1, 150))
def test_so_are_a_rate_and_a_loss(tenths: int) -> None:
    rate, loss = (f"{tenths / 10:g}{unit}" for unit in ("mbit", "%"))
    typed = Condition(rate=bits_per_second(rate, "--rate"), loss=fraction(loss, "--loss"))
    assert same(_both(typed), _both(Condition(rate=tenths * 1e5, loss=tenths / 1e3)))


@pytest.mark.parametrize(
    "other",
    [
        Link(),
        Link(Condition(delay=0.05, rate=1e7), None),
        _both(Condition(delay=0.05)),
        _both(Condition(delay=0.05, rate=1.01e7)),
        _both(Condition(delay=0.05, rate=1e7, limit=50)),
        _both(Condition(delay=0.05, rate=1e7, loss=0.001)),
    ],
)
def test_another_link_is_another(other: Link) -> None:
    assert not same(_both(Condition(delay=0.05, rate=1e7)), other)


@pytest.fixture(autouse=True)
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The rests that were taken, in no time."""
    taken: list[float] = []
    monkeypatch.setattr("lab.exercises.linked.time.sleep", taken.append)
    return taken


def _measured(*values: float) -> Compared:
    left = list(values)
    return settled(lambda: Compared("file", TIME, 1.0, left.pop(0), 0.1))


def test_what_agrees_is_measured_once() -> None:
    assert _measured(1.05, 9.0).what == "file"


def test_what_differs_is_measured_again_and_says_so() -> None:
    found = _measured(1.5, 1.05)
    assert (found.agrees, found.what) == (True, "file, take 2")


def test_the_last_take_counts(rests: list[float]) -> None:
    takes = 1 + len(RESTS)
    found = _measured(*[1.5] * takes)
    assert (found.agrees, found.what) == (False, f"file, take {takes}")
    assert rests == [0.0, *RESTS]
