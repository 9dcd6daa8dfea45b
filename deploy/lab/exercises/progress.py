"""What a student has done so far, kept in the lab's state folder, where it survives make down."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab import paths
from lab.errors import ExitCode, LabError


@dataclass
class Record:
    """One exercise of one student. Times are seconds since 1970, 0 for not yet.

    `sealed` are the predictions as they stood at the first check that had them all; `hints` counts those
    given; `checks` are all checks in their order (at, passed, and the hints of what was wrong); `results` is
    what the last check saw (judgements, and theory beside measurement) as the page shows it; `answers` are
    those of the check that passed first, as they were written.
    """

    started: float = 0.0
    under_way: bool = False
    passed: float = 0.0
    hints: int = 0
    solved: bool = False  # by the instructor's key
    sealed: dict[str, str] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """In a word, for the list."""
        if self.passed:
            return "passed"
        return "under way" if self.under_way else ("begun" if self.started else "open")


@dataclass
class Progress:
    """All exercises of the student of this VM, by number."""

    student: str = ""
    records: dict[int, Record] = field(default_factory=dict)

    def of(self, number: int) -> Record:
        """The record of an exercise, a new one if there is none."""
        return self.records.setdefault(number, Record())

    @property
    def under_way(self) -> int | None:
        """The exercise that holds the lab now."""
        return next((number for number, record in self.records.items() if record.under_way), None)


def file() -> Path:
    """Where it is kept."""
    return paths.state() / "exercises.json"


def load() -> Progress:
    """The progress there is; raises LabError (exit code 2) for a file that is none."""
    try:
        document = json.loads(file().read_text())
        records = {int(number): Record(**body) for number, body in document["records"].items()}
        return Progress(document["student"], records)
    except FileNotFoundError:
        return Progress()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"{file()} is not readable ({error}); move it away to begin anew"
        raise LabError(said, ExitCode.USAGE) from error


def save(progress: Progress) -> None:
    """Keep it, whole or not at all."""
    records = {str(number): asdict(record) for number, record in sorted(progress.records.items())}
    text = json.dumps({"student": progress.student, "records": records}, indent=1, ensure_ascii=False)
    file().parent.mkdir(parents=True, exist_ok=True)
    new = file().with_suffix(".new")
    new.write_text(text + "\n")
    new.replace(file())


def note_check(
    record: Record, passed: bool, hints: list[str], results: Mapping[str, Any], answers: Mapping[str, str]
) -> None:
    """Write a check down. Once passed stays passed: a later check of a changed lab takes nothing away."""
    record.checks.append({"at": time.time(), "passed": passed, "hints": hints})
    record.results = dict(results)
    if passed and not record.passed:
        record.passed, record.answers = time.time(), dict(answers)
