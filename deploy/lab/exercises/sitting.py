"""An exercise from start to pass: one at a time, begun on a lab as shipped, each step kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises import baseline, progress, sheet, student
from lab.exercises.bench import RunningLab
from lab.exercises.judging import judge
from lab.exercises.model import Compared, Exercise, Judgement, Part, all_right
from lab.exercises.progress import Progress, Record

AnyExercise = Exercise[Any]


@dataclass(frozen=True)
class Checked:
    """What a check came to."""

    judgements: Sequence[Judgement]
    compared: Sequence[Compared]
    sealed_now: bool  # whether the predictions were sealed by this check

    @property
    def passed(self) -> bool:
        """Whether all of it is right."""
        return all_right(self.judgements)


@dataclass(frozen=True)
class Begun:
    """What a start came to: what must fail now, the student's numbers, and whether a sheet was written."""

    must_fail: str
    numbers: Mapping[str, str]
    new_sheet: bool


def begin(exercise: AnyExercise, lab: RunningLab, who: str = "") -> Begun:
    """Put the lab into the exercise's starting state.

    Raises LabError (exit code 2) without a student id, while another exercise is under way, and on a lab
    that is not as shipped; (3) if the lab is down.
    """
    kept = progress.load()
    _name(kept, who, exercise.number)
    other = kept.under_way
    if other not in (None, exercise.number):
        raise LabError(f"exercise {other} is under way; make reset EX={other} ends it", ExitCode.USAGE)
    record = kept.of(exercise.number)
    if other is None:
        baseline.must_be_as_shipped(lab, exercise.number)
    drawn = _drawn(exercise, kept)
    record.under_way, record.started = True, record.started or time.time()
    progress.save(kept)  # before the lab is touched: whatever happens now, reset knows what to take back
    must_fail = exercise.start(lab, drawn)
    return Begun(must_fail, exercise.numbers(drawn), _write_sheet(exercise, kept, drawn))


def check(exercise: AnyExercise, lab: RunningLab) -> Checked:
    """Judge the answers and the lab; raises LabError (2) if it was not begun or the sheet is wrong, (3) if
    the lab could not be looked at."""
    kept = progress.load()
    record = _begun(kept, exercise.number)
    drawn = _drawn(exercise, kept)
    questions = exercise.questions(drawn)
    answers = sheet.read(exercise.number, questions)
    predicted = {
        one.name: answers[one.name].text
        for one in questions
        if one.part is Part.PREDICT and one.name in answers
    }
    complete = len(predicted) == sum(one.part is Part.PREDICT for one in questions)
    sealed_now = complete and not record.sealed
    if sealed_now:
        record.sealed = predicted
        progress.save(kept)
    seen = exercise.look(lab, drawn, answers)
    found = Checked(judge(questions, answers, seen), seen.compared, sealed_now)
    hints = [one.hint for one in found.judgements if not one.passed]
    written = {name: answer.text for name, answer in answers.items()}
    progress.note_check(record, found.passed, hints, results(found), written)
    progress.save(kept)
    return found


def apply(exercise: AnyExercise, lab: RunningLab) -> None:
    """Put into force what the student has edited; raises LabError (exit code 2) where nothing is to edit."""
    kept = progress.load()
    _begun(kept, exercise.number)
    if exercise.apply is None:
        said = f"exercise {exercise.number} has no files of its own to apply"
        raise LabError(f"{said}; its page says what to do: {exercise.page}", ExitCode.USAGE)
    exercise.apply(lab, _drawn(exercise, kept))


def hint(exercise: AnyExercise) -> tuple[int, int, str]:
    """The next hint: its number, how many there are, and its text; after the last one the last again."""
    kept = progress.load()
    record = _begun(kept, exercise.number)
    hints = exercise.hints(_drawn(exercise, kept))
    record.hints = min(record.hints + 1, len(hints))
    progress.save(kept)
    return record.hints, len(hints), hints[record.hints - 1]


def reset(exercise: AnyExercise, lab: RunningLab) -> None:
    """Take back what the exercise and the student changed in the lab; the answers stay."""
    kept = progress.load()
    exercise.reset(lab, _drawn(exercise, kept) if kept.student else None)
    baseline.restore(lab)
    kept.of(exercise.number).under_way = False
    progress.save(kept)


def solve(exercise: AnyExercise, lab: RunningLab, how: str = "") -> Path | None:
    """Do what a student should have done, or with `how` a typical wrong way, and write the sheet.

    Answers that a student gave are kept beside it; returns where, or None if there were none.
    """
    kept = progress.load()
    record = _begun(kept, exercise.number)
    drawn = _drawn(exercise, kept)
    way = exercise.wrong[how] if how else exercise.solve
    answers = way(lab, drawn)
    text = sheet.filled(_title(exercise), kept.student, exercise.questions(drawn), answers)
    aside = _set_aside(exercise, kept, drawn)
    sheet.path(exercise.number).write_text(text)
    record.solved = record.solved or not how
    progress.save(kept)
    return aside


def _set_aside(exercise: AnyExercise, kept: Progress, drawn: Any) -> Path | None:  # noqa: ANN401  # as below
    """Keep a sheet that somebody has written in; of a solution that was made here there is no need."""
    file, own = sheet.path(exercise.number), sheet.path(exercise.number).with_suffix(".own.toml")
    blank = sheet.blank(_title(exercise), kept.student, exercise.questions(drawn))
    if kept.of(exercise.number).solved or not file.exists() or file.read_text() == blank:
        return None
    file.replace(own)
    return own


def _name(kept: Progress, who: str, number: int) -> None:
    if who:
        chosen = student.known(who)
        if kept.student not in ("", chosen):
            said = f"this lab is {kept.student}'s"
            raise LabError(
                f"{said}; make start EX={number} without STUDENT goes on as {kept.student}", ExitCode.USAGE
            )
        kept.student = chosen
    if not kept.student:
        said = "whose exercise is it? Your numbers are drawn from your id"
        raise LabError(f"{said}: make start EX={number} STUDENT=s1234567", ExitCode.USAGE)


def _begun(kept: Progress, number: int) -> Record:
    record = kept.records.get(number)
    if record is None or not record.under_way:
        raise LabError(
            f"exercise {number} is not under way; make start EX={number} begins it", ExitCode.USAGE
        )
    return record


def _drawn(exercise: AnyExercise, kept: Progress) -> Any:  # noqa: ANN401  # each exercise's own type
    return exercise.draw(student.Draw(kept.student, exercise.number))


def _title(exercise: AnyExercise) -> str:
    return f"Exercise {exercise.number}, {exercise.title}"


def _write_sheet(exercise: AnyExercise, kept: Progress, drawn: Any) -> bool:  # noqa: ANN401  # as above
    file = sheet.path(exercise.number)
    if file.exists():
        return False
    file.parent.mkdir(exist_ok=True)
    file.write_text(sheet.blank(_title(exercise), kept.student, exercise.questions(drawn)))
    return True


def results(found: Checked) -> dict[str, Any]:
    """A check as it is kept, and as JSON."""
    return {
        "passed": found.passed,
        "judgements": [asdict(one) for one in found.judgements],
        "compared": [shown(one) for one in found.compared],
    }


def shown(one: Compared) -> dict[str, Any]:
    """Theory beside measurement as people read it, with units; `base` has the three numbers in base units."""
    return {
        "what": one.what,
        "predicted": one.dimension.show(one.predicted),
        "measured": one.dimension.show(one.measured),
        "tolerance": one.dimension.show(one.tolerance),
        "agrees": one.agrees,
        "base": [one.predicted, one.measured, one.tolerance],
    }
