"""Every exercise has its page, and every page the same sections in the same order."""

from __future__ import annotations

import re

import pytest

from lab import paths
from lab.exercises.catalogue import EXERCISES
from lab.exercises.model import Exercise, Part
from lab.exercises.student import Draw

SECTIONS = [
    "Goal", "Time", "What you need", "What must fail now", "Predict", "Do", "Measure", "Explain", "Check",
    "Further",
]  # fmt: skip
ALL = list(EXERCISES.values())


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_the_page_has_the_sections(exercise: Exercise[object]) -> None:
    page = (paths.ROOT / exercise.page).read_text()
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == SECTIONS
    assert page.startswith(f"# Exercise {exercise.number}: {exercise.title}\n")
    assert f"\n{exercise.minutes} minutes.\n" in page


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_the_page_starts_checks_and_resets(exercise: Exercise[object]) -> None:
    page = (paths.ROOT / exercise.page).read_text()
    for verb in ("start", "check", "reset"):
        assert re.search(rf"^make {verb} EX={exercise.number}\b", page, re.MULTILINE), verb


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_the_page_names_the_numbers_that_are_drawn_and_no_others(exercise: Exercise[object]) -> None:
    page = (paths.ROOT / exercise.page).read_text()
    drawn = exercise.numbers(exercise.draw(Draw("s1", exercise.number)))
    assert set(re.findall(r"<([A-Z_]+)>", page)) == {*drawn, "STUDENT"}


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_another_student_draws_other_numbers(exercise: Exercise[object]) -> None:
    drawn = {repr(exercise.draw(Draw(f"s{number}", exercise.number))) for number in range(30)}
    assert len(drawn) >= 15


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)
def test_there_are_three_hints_and_two_wrong_ways_or_more(exercise: Exercise[object]) -> None:
    assert len(exercise.hints(exercise.draw(Draw("s1", exercise.number)))) >= 3
    assert len(exercise.wrong) >= 2


def test_every_page_is_an_exercises() -> None:
    pages = {f"docs/exercises/{file.name}" for file in (paths.ROOT / "docs/exercises").glob("[0-9]*.md")}
    assert pages == {exercise.page for exercise in ALL}


@pytest.mark.parametrize("exercise", [one for one in ALL if one.known], ids=lambda one: one.name)
def test_no_number_that_was_measured_is_known_without_a_lab(exercise: Exercise[object]) -> None:
    drawn = exercise.draw(Draw("s1", exercise.number))
    asked = {question.name: question for question in exercise.questions(drawn)}
    assert exercise.known is not None
    known = [asked[truth.question] for truth in exercise.known(drawn)]
    assert not [one.name for one in known if one.part is Part.MEASURE and one.dimension]
