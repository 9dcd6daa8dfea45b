"""A student's report: what is in it, and how it is read back from a file that anybody may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from lab.errors import LabError
from lab.exercises import student
from lab.exercises.model import Judgement

Kind = TypeVar("Kind")
LATEST = 2**32  # seconds since 1970, in 2106
LARGEST = 1e15  # of a number in base units: no rate of this lab is near it


class MalformedError(ValueError):
    """What of a report is not as `lab report` writes it."""


@dataclass(frozen=True)
class Check:
    """One check: seconds since 1970, whether it passed, and the hints for what was wrong."""

    at: float
    passed: bool
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """Theory beside measurement, as people read it; `base` are predicted, measured and tolerance in base
    units, None where the check was made before they were kept."""

    what: str
    predicted: str
    measured: str
    tolerance: str
    agrees: bool
    base: tuple[float, float, float] | None


@dataclass(frozen=True)
class Attempt:
    """One exercise of one student. `sheet` are the answers as they stood when the report was written, or
    `sheet_wrong` why they cannot be read; the rest is as in `progress.Record`."""

    number: int
    started: float
    under_way: bool
    passed: float
    hints: int
    solved: bool
    sealed: Mapping[str, str]
    answers: Mapping[str, str]
    sheet: Mapping[str, str]
    sheet_wrong: str
    checks: tuple[Check, ...]
    judgements: tuple[Judgement, ...]
    compared: tuple[Row, ...]

    @property
    def minutes(self) -> float | None:
        """From the start to the pass, breaks and nights included; None if it is not passed."""
        return (self.passed - self.started) / 60 if self.passed and self.started else None

    @property
    def checks_to_pass(self) -> int:
        """How many checks there were up to the first that passed, or so far."""
        first = next((place for place, one in enumerate(self.checks, 1) if one.passed), None)
        return first or len(self.checks)


@dataclass(frozen=True)
class Report:
    """All exercises of one student, and the VM whose key signed it."""

    student: str
    written: float
    commit: str
    vm: str
    attempts: Mapping[int, Attempt]


def read(body: Mapping[str, Any], vm: str) -> Report:
    """A report from its document; raises MalformedError."""
    name = _of(body, "student", str)
    try:
        student.known(name)
    except LabError as error:
        raise MalformedError(str(error).partition(":")[0]) from error
    attempts = [_attempt(_is(one, dict, "an exercise")) for one in _of(body, "exercises", list)]
    if len({one.number for one in attempts}) != len(attempts):
        raise MalformedError("an exercise is there twice")
    numbered = {one.number: one for one in attempts}
    return Report(name, _time(body, "written"), _of(body, "commit", str), vm, numbered)


def _attempt(body: Mapping[str, Any]) -> Attempt:
    return Attempt(
        number=_of(body, "number", int),
        started=_time(body, "started"),
        under_way=_of(body, "under_way", bool),
        passed=_time(body, "passed"),
        hints=_of(body, "hints", int),
        solved=_of(body, "solved", bool),
        sealed=_texts(body, "sealed"),
        answers=_texts(body, "answers"),
        sheet=_texts(body, "sheet"),
        sheet_wrong=_of(body, "sheet_wrong", str),
        checks=_each(body, "checks", _check),
        judgements=_each(body, "judgements", _judgement),
        compared=_each(body, "compared", _row),
    )


def _check(body: Mapping[str, Any]) -> Check:
    hints = tuple(_is(hint, str, "a hint") for hint in _of(body, "hints", list))
    return Check(_time(body, "at"), _of(body, "passed", bool), hints)


def _judgement(body: Mapping[str, Any]) -> Judgement:
    texts = {name: _of(body, name, str) for name in ("what", "hint", "expected", "found")}
    return Judgement(passed=_of(body, "passed", bool), **texts)


def _row(body: Mapping[str, Any]) -> Row:
    texts = {name: _of(body, name, str) for name in ("what", "predicted", "measured", "tolerance")}
    return Row(**texts, agrees=_of(body, "agrees", bool), base=_base(body.get("base")))


def _base(value: object) -> tuple[float, float, float] | None:
    if value is None:
        return None
    numbers = [_finite(one, "base") for one in _is(value, list, "base")]
    if len(numbers) != 3:
        raise MalformedError("base has not three numbers")
    return numbers[0], numbers[1], numbers[2]


def _each(body: Mapping[str, Any], name: str, make: Callable[[Mapping[str, Any]], Kind]) -> tuple[Kind, ...]:
    return tuple(make(_is(one, dict, name)) for one in _of(body, name, list))


def _texts(body: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: _is(value, str, f"{name}.{key}") for key, value in _of(body, name, dict).items()}


def _of(body: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind:
    return _is(body.get(name), kind, name)


def _is(value: object, kind: type[Kind], name: str) -> Kind:
    # bool is an int to isinstance, and nowhere meant as one.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise MalformedError(f"its '{name}' is missing or of the wrong type")
    return value


def _time(body: Mapping[str, Any], name: str) -> float:
    """Seconds since 1970 that the calendar can show."""
    seconds = _finite(body.get(name), name)
    if not 0 <= seconds < LATEST:
        raise MalformedError(f"its '{name}' is no time")
    return seconds


def _finite(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise MalformedError(f"its '{name}' is missing or no number")
    return float(value)
