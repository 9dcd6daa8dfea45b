"""Reports into files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab import paths
from lab.errors import ExitCode, LabError
from lab.exercises import progress
from lab.results import class_page, document, doubts, gather, signed, student_page, vmkey
from lab.results.doubts import Doubt
from lab.results.gather import Gathered

PAGE, CLASS_PAGE, CLASS_TABLE = "report.html", "class.html", "class.csv"


def student() -> tuple[Path, Path]:
    """Write this VM's student's page and signed file beside the answers; returns both."""
    body = document.of(progress.load())
    text = signed.seal(body, vmkey.own())
    report = signed.unseal(text.encode())  # the page shows what the file says, and nothing else
    folder = paths.answers()
    folder.mkdir(parents=True, exist_ok=True)
    page, file = folder / PAGE, folder / f"report-{report.student}.json"
    file.write_text(text, encoding="utf-8")
    page.write_text(student_page.page(report, vmkey.name(report.vm)), encoding="utf-8")
    return page, file


@dataclass(frozen=True)
class Collected:
    """A class: what was found, what is odd, and where it is written."""

    found: Gathered
    doubts: list[Doubt]
    page: Path
    table: Path


def collected(folder: Path, out: Path) -> Collected:
    """Read a folder of reports and write the class's page and table.

    Raises LabError (exit code 2) for a folder without a JSON file, (1) if none of them is a report.
    """
    found = gather.gather(folder)
    if not found.reports:
        raise LabError(f"no report could be read: {'; '.join(found.refused)}", ExitCode.FAILED)
    odd = doubts.of(found.reports, found.all)
    out.mkdir(parents=True, exist_ok=True)
    page, table = out / CLASS_PAGE, out / CLASS_TABLE
    page.write_text(class_page.page(found, odd), encoding="utf-8")
    table.write_text(class_page.rows(found, odd), encoding="utf-8")
    return Collected(found, odd, page, table)
