"""What is true without a lab is judged once more by the instructor; a neighbour's answers do not hold."""

from __future__ import annotations

from typing import Any

import pytest

from lab.exercises.catalogue import EXERCISES
from lab.exercises.model import Exercise, Truth
from lab.exercises.student import Draw

# What a student draws for the firewall's exercise is to be done, and hardly shows in the answers.
ANSWERED = [one for one in EXERCISES.values() if one.name != "firewall"]
NEIGHBOURS = 30
AnyExercise = Exercise[Any]


def _known(exercise: AnyExercise, name: str) -> dict[str, Truth]:
    assert exercise.known is not None
    return {one.question: one for one in exercise.known(exercise.draw(Draw(name, exercise.number)))}


@pytest.mark.parametrize("exercise", ANSWERED, ids=lambda one: one.name)
def test_a_neighbours_right_answers_are_wrong_for_most_others(exercise: AnyExercise) -> None:
    mine = _known(exercise, "s1")
    caught = sum(
        any(_wrong_for(mine[name], other) for name, other in _known(exercise, f"s{number}").items())
        for number in range(2, 2 + NEIGHBOURS)
    )
    assert caught >= NEIGHBOURS * 2 // 3


def _wrong_for(mine: Truth, other: Truth) -> bool:
    if isinstance(mine.value, float) and isinstance(other.value, float):
        return abs(mine.value - other.value) > other.tolerance
    return mine.value != other.value
