"""Every exercise on the real lab: untouched it fails, typical mistakes fail, who follows the page passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import settings, topology
from lab.errors import ExitCode, LabError
from lab.exercises import linked, progress, sheet, sitting
from lab.exercises.bench import RunningLab
from lab.exercises.catalogue import EXERCISES
from lab.exercises.judging import judge_known
from lab.exercises.model import Exercise, all_right
from lab.exercises.student import Draw
from tests.exercises import follow, pace
from tests.lab.conftest import Lab

ALL = list(EXERCISES.values())
STUDENT = "s1234567"
AnyExercise = Exercise[Any]


@pytest.fixture
def bench(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> RunningLab:
    for name in ("LAB_STATE", "LAB_ENV_FILE"):
        monkeypatch.setenv(name, lab.environment[name])
    loaded = settings.load()
    return RunningLab(loaded, topology.read(loaded.values), print)


@pytest.fixture(params=ALL, ids=lambda one: one.name)
def exercise(request: pytest.FixtureRequest, bench: RunningLab) -> Iterator[AnyExercise]:
    progress.file().unlink(missing_ok=True)
    yield request.param
    with pace.timed(request.param.name, "reset"):
        sitting.reset(request.param, bench)
    sheet.path(request.param.number).unlink(missing_ok=True)
    progress.file().unlink(missing_ok=True)


def test_who_follows_the_page_passes(
    exercise: AnyExercise, bench: RunningLab, lab: Lab, tmp_path: Path
) -> None:
    """The page's own commands in their order; answers are filled in once everything is done and measured."""
    drawn = exercise.draw(Draw(STUDENT, exercise.number))
    numbers = {**exercise.numbers(drawn), "STUDENT": STUDENT}
    written = tmp_path / "written"
    if exercise.written:
        written.write_text(exercise.written(bench, drawn))
    for block in follow.blocks(exercise.page, numbers):
        if block.heading == "Check":
            answers = exercise.answers(bench, drawn)
            text = sheet.filled("t", STUDENT, exercise.questions(drawn), answers)
            sheet.path(exercise.number).write_text(text)
        done = follow.type_in(lab, block, written)
        must_fail = block.heading == "What must fail now"
        assert (done.returncode != 0) == must_fail, block.commands + done.stdout + done.stderr


def test_mistakes_fail_the_reference_passes_each_time_and_a_lab_that_is_down_does_neither(
    exercise: AnyExercise, bench: RunningLab
) -> None:
    with pace.timed(exercise.name, "start"):
        sitting.begin(exercise, bench, STUDENT)
    assert not sitting.check(exercise, bench).passed
    for how in exercise.wrong:
        sitting.solve(exercise, bench, how)
        hints = [one.hint for one in sitting.check(exercise, bench).judgements if not one.passed]
        assert hints, f"'{how}' passed"
        assert all(hints), f"'{how}' was refused without a hint"
    for _ in range(3):
        found = _checked(exercise, bench)
        assert found.passed, [one for one in found.judgements if not one.passed]
        assert all(one.agrees for one in found.compared), found.compared
        assert _right_without_a_lab(exercise)
    assert _checked_while_down(exercise, bench) == ExitCode.UNMEASURED


def _checked(exercise: AnyExercise, bench: RunningLab) -> sitting.Checked:
    """What a check says of the reference; both once more while a busy VM keeps theory from agreeing."""
    for _ in linked.takes():
        sitting.solve(exercise, bench)
        with pace.timed(exercise.name, "check"):
            found = sitting.check(exercise, bench)
        pace.note(exercise.name, found.compared)
        differing = [one for one in found.compared if not one.agrees]
        if not found.passed or not differing or any(one.chance for one in differing):
            break
    return found


def _right_without_a_lab(exercise: AnyExercise) -> bool:
    """Whether the instructor, who judges once more what needs no lab, finds the same answers right."""
    drawn = exercise.draw(Draw(STUDENT, exercise.number))
    questions = exercise.questions(drawn)
    assert exercise.known is not None
    answers = sheet.read(exercise.number, questions)
    return all_right(judge_known(questions, answers, exercise.known(drawn)))


def _checked_while_down(exercise: AnyExercise, bench: RunningLab) -> ExitCode:
    """How a check of what just passed ends on a lab that does not run: another project's name is one."""
    absent = bench.settings.replaced({"COMPOSE_PROJECT_NAME": "ticketlab-absent"})
    with pytest.raises(LabError) as refused:
        sitting.check(exercise, RunningLab(absent, bench.plan, print))
    return refused.value.exit_code
