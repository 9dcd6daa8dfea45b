"""An exercise from start to pass, on a lab that is made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from lab.errors import ExitCode, LabError
from lab.exercises import progress, sheet, sitting
from lab.exercises.bench import RunningLab
from lab.exercises.model import Answer, Exercise, Judgement, Mistake, Part, Question, Seen, Truth
from lab.exercises.quantity import TIME
from lab.exercises.student import Draw
from link.condition import Condition, Link
from tests.unit.exercises.made_up import Lab

SLOW = Link(Condition(delay=0.04), Condition(delay=0.04))


def _questions(delay: int) -> Sequence[Question]:
    return (Question("rtt", Part.PREDICT, f"The round trip of {delay} ms each way.", TIME),)


def _look(lab: RunningLab, delay: int, _: Mapping[str, Answer]) -> Seen:
    done = Judgement("the link is slow", lab.link("clients") == SLOW, "make link ZONE=clients DELAY=40ms")
    return Seen([done], [Truth("rtt", 2 * delay / 1e3, 1e-3, mistakes=(Mistake(delay / 1e3, "both ways"),))])


def _do(lab: RunningLab, delay: int) -> None:
    cast("Any", lab).set = SLOW


def _answers(lab: RunningLab, delay: int) -> dict[str, object]:
    return {"rtt": f"{2 * delay} ms"}


def _halved(lab: RunningLab, delay: int) -> dict[str, object]:
    _do(lab, delay)
    return {"rtt": f"{delay} ms"}


def _exercise(number: int) -> Exercise[int]:
    return Exercise(
        number=number, name="slow", title="Slow", about="a link", minutes=5,
        draw=lambda draw: draw.whole(20, 60), numbers=lambda delay: {"DELAY": f"{delay}ms"},
        questions=_questions, start=lambda *_: "the link is fast", look=_look,
        hints=lambda delay: ("one", f"twice {delay}"),
        do=_do, answers=_answers, wrong={"halved": _halved},
    )  # fmt: skip


EXERCISE = _exercise(4)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    return tmp_path


@pytest.fixture
def lab() -> RunningLab:
    return cast("RunningLab", Lab())


def _refused(action: object, *given: Any) -> LabError:  # noqa: ANN401
    with pytest.raises(LabError) as refused:
        cast("Any", action)(*given)
    return refused.value


def test_from_start_to_pass(lab: RunningLab) -> None:
    begun = sitting.begin(EXERCISE, lab, "s1")
    assert (begun.must_fail, begun.new_sheet) == ("the link is fast", True)
    assert begun.numbers == {"DELAY": f"{EXERCISE.draw(Draw('s1', 4))}ms"}
    assert not sitting.check(EXERCISE, lab).passed
    sitting.solve(EXERCISE, lab)
    assert sitting.check(EXERCISE, lab).passed
    sitting.reset(EXERCISE, lab)
    kept = progress.load()
    assert (kept.student, kept.of(4).state, kept.under_way) == ("s1", "passed", None)
    assert lab.link("clients") == Link()


def test_a_typical_mistake_gets_the_hint_that_fits(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    sitting.solve(EXERCISE, lab, "halved")
    found = sitting.check(EXERCISE, lab)
    assert [one.hint for one in found.judgements if not one.passed] == ["both ways"]


def test_predictions_are_sealed_by_the_first_check_that_has_them_all(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    sheet.path(4).write_text('[predict]\nrtt = "1 ms"\n')
    assert sitting.check(EXERCISE, lab).sealed_now
    sheet.path(4).write_text('[predict]\nrtt = "2 ms"\n')
    assert not sitting.check(EXERCISE, lab).sealed_now
    assert progress.load().of(4).sealed == {"rtt": "1 ms"}


def test_without_a_student_id_nothing_begins(lab: RunningLab) -> None:
    refused = _refused(sitting.begin, EXERCISE, lab)
    assert "make start EX=4 STUDENT=" in str(refused)
    assert refused.exit_code == ExitCode.USAGE


def test_a_lab_belongs_to_one_student(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    assert "this lab is s1's" in str(_refused(sitting.begin, EXERCISE, lab, "s2"))


def test_two_exercises_at_once_are_refused(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    assert (
        str(_refused(sitting.begin, _exercise(5), lab)) == "exercise 4 is under way; make reset EX=4 ends it"
    )


@pytest.mark.parametrize(
    ("dirt", "said"),
    [
        ({"dead": {"app1": "exited"}}, "host app1 is exited; make restart HOST=app1, then make start EX=4"),
        ({"dead": {"app1": "missing"}}, "host app1 is missing; make up, then make start EX=4"),
        ({"left_out": {"app2"}}, "the edge asks app2 nothing; make drain HOST=app2 BACK=1, then"),
        ({"set": SLOW}, "the link of zone clients has a condition; make link-clear, then make start EX=4"),
        ({"https": True}, "HTTPS is on; make tls OFF=1, then make start EX=4"),
        ({"in_force": "mine"}, "the firewall's rules in force are not the shipped ones; make firewall, then"),
        (
            {"settings": {"ALLOWED_HOSTS": "10.10.10.1,helpdesk-4711.lab"}},
            "ALLOWED_HOSTS in .env names helpdesk-4711.lab; take the name out and say make up, then",
        ),
        ({"unplanned": ["stranger"]}, "a host stranger runs that is in no plan; make up takes it away, then"),
        (
            {"limited": True},
            "the limits in force are not the lab's own; make limits CLEAR=1, then make start EX=4",
        ),
        (
            {"other": ["app1"]},
            "host app1 does not run as docker-compose.yml and .env say; make up, then make",
        ),
    ],
)
def test_a_dirty_lab_is_told_with_the_command_that_mends_it(
    lab: RunningLab, dirt: dict[str, object], said: str
) -> None:
    vars(lab).update(dirt)
    assert said in str(_refused(sitting.begin, EXERCISE, lab, "s1"))
    assert progress.load().under_way is None


def test_starting_again_keeps_the_answers(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    sheet.path(4).write_text('[predict]\nrtt = "1 ms"\n')
    vars(lab)["set"] = SLOW  # the student's own doing
    assert not sitting.begin(EXERCISE, lab).new_sheet
    assert "1 ms" in sheet.path(4).read_text()


def test_a_check_of_what_was_not_begun_is_refused(lab: RunningLab) -> None:
    assert "make start EX=4 begins it" in str(_refused(sitting.check, EXERCISE, lab))


def test_a_lab_that_is_down_is_unmeasured_and_no_fail(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    vars(lab)["broken"] = True
    assert _refused(sitting.check, EXERCISE, lab).exit_code == ExitCode.UNMEASURED
    assert progress.load().of(4).checks == []


def test_an_exercise_without_files_has_nothing_to_apply(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    refused = _refused(sitting.apply, EXERCISE, lab)
    assert "exercise 4 has no files of its own to apply" in str(refused)
    assert refused.exit_code == ExitCode.USAGE


def test_hints_come_one_by_one(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    delay = EXERCISE.draw(Draw("s1", 4))
    given = [sitting.hint(EXERCISE) for _ in range(3)]
    assert given == [(1, 2, "one"), (2, 2, f"twice {delay}"), (2, 2, f"twice {delay}")]


def test_passed_stays_passed(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    sitting.solve(EXERCISE, lab)
    sitting.check(EXERCISE, lab)
    lab.clear_links()
    assert not sitting.check(EXERCISE, lab).passed
    assert progress.load().of(4).state == "passed"


def test_a_solution_sets_the_students_answers_aside(lab: RunningLab) -> None:
    sitting.begin(EXERCISE, lab, "s1")
    sheet.path(4).write_text('[predict]\nrtt = "1 ms"\n')
    aside = sitting.solve(EXERCISE, lab)
    assert aside is not None
    assert "1 ms" in aside.read_text()
    assert sitting.solve(EXERCISE, lab) is None
    assert "1 ms" in aside.read_text()


def test_a_broken_progress_file_is_told_and_kept(state: Path) -> None:
    progress.file().write_text("{")
    assert "move it away to begin anew" in str(_refused(progress.load))
    assert progress.file().read_text() == "{"
