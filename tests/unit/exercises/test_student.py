"""What a student draws: the same for the same id, other for another."""

from __future__ import annotations

import pytest

from lab.errors import ExitCode, LabError
from lab.exercises.student import Draw, known


def test_the_same_student_draws_the_same() -> None:
    one, again = Draw("s1234567", 4), Draw("s1234567", 4)
    assert [one.whole(1, 1000) for _ in range(5)] == [again.whole(1, 1000) for _ in range(5)]


def test_these_numbers_are_fixed_for_good() -> None:
    """An instructor must draw what a student drew a year ago, on another machine."""
    draw = Draw("s1234567", 4)
    assert (draw.whole(25, 60), draw.one_of("abcdef"), draw.some_of(range(100), 3)) == (27, "f", (34, 51, 60))


def test_others_and_other_exercises_draw_other_numbers() -> None:
    drawn = {Draw(f"s{number}", exercise).whole(0, 10**9) for number in range(50) for exercise in (4, 5)}
    assert len(drawn) == 100


def test_both_ends_of_a_range_are_drawn() -> None:
    drawn = {Draw(f"s{number}", 1).whole(1, 3) for number in range(60)}
    assert drawn == {1, 2, 3}


@pytest.mark.parametrize("name", ["s1234567", "jane.doe", "a1", "x" * 40])
def test_an_id_is_taken(name: str) -> None:
    assert known(name) == name


@pytest.mark.parametrize("name", ["", "a", "Jane", "jane doe", "../x", "x" * 41, "-ab"])
def test_what_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="make start EX=1 STUDENT=") as refused:
        known(name)
    assert refused.value.exit_code == ExitCode.USAGE
