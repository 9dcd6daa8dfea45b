"""The reports in a folder: read, verified, one a student; what is no report is told and stops nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import ExitCode, LabError
from lab.exercises.catalogue import EXERCISES
from lab.results import signed
from lab.results.report import MalformedError, Report


@dataclass
class Gathered:
    """`reports` are the newest of each student, by id; `all` has the older ones too. `refused` and `notices`
    are sentences: what was left out and why, and what the instructor should know."""

    reports: dict[str, Report] = field(default_factory=dict)
    all: list[Report] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def gather(folder: Path) -> Gathered:
    """Read every JSON file in a folder and below; raises LabError (exit code 2) if there is none."""
    if not folder.is_dir():
        said = f"there is no folder {folder}; name the one with the students' report-….json files"
        raise LabError(said, ExitCode.USAGE)
    files = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if not files:
        said = f"no .json file is in {folder}; each student's make report writes one, to be put there"
        raise LabError(said, ExitCode.USAGE)
    return _newest(folder, files)


def _newest(folder: Path, files: Sequence[Path]) -> Gathered:
    found, where = Gathered(), dict[str, str]()
    for path in files:
        name = str(path.relative_to(folder))
        try:
            report = _read(path)
        except MalformedError as error:
            found.refused.append(f"{name} {error}")
            continue
        found.all.append(report)
        who, before = report.student, found.reports.get(report.student)
        if before and before != report:
            new, old = (name, where[who]) if report.written > before.written else (where[who], name)
            found.notices.append(f"{who} handed in twice: {new} counts, being newer than {old}")
        if before is None or report.written > before.written:
            found.reports[who], where[who] = report, name
    found.reports = dict(sorted(found.reports.items()))
    return found


def _read(path: Path) -> Report:
    try:
        with path.open("rb") as file:
            report = signed.unseal(file.read(signed.LARGEST + 1))
    except OSError as error:
        raise MalformedError(f"cannot be read: {error.strerror}") from error
    unknown = next((number for number in report.attempts if number not in EXERCISES), None)
    if unknown is not None:
        raise MalformedError(
            f"has an exercise {unknown}, which this kit has not; collect with the class's kit"
        )
    return report
