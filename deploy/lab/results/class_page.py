"""A class on one page, and its rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from lab.exercises.catalogue import EXERCISES
from lab.load.page import render
from lab.results import again, charts, standing
from lab.results.doubts import Doubt
from lab.results.gather import Gathered
from lab.results.report import Attempt, Report
from lab.results.student_page import when

HEAD = (
    *("student", "exercise", "title", "state", "passed_at", "minutes", "checks", "checks_to_pass", "hints"),
    *("solved_by_key", "predictions_right", "predictions", "as_theory", "compared", "vm", "doubts"),
)
HINTS_SHOWN = 5  # of each exercise


def rows(found: Gathered, doubts: Sequence[Doubt]) -> str:
    """CSV: a row for each student and exercise, begun or not. Times are local, with their offset; what is
    not known is empty. No text that a student wrote is in it: a spreadsheet might take it for a formula.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, HEAD, lineterminator="\n")
    table.writeheader()
    for report in found.reports.values():
        about = sum(report.student in doubt.students for doubt in doubts)
        for number in EXERCISES:
            attempt = report.attempts.get(number)
            common = {"student": report.student, "exercise": number, "title": EXERCISES[number].title}
            common |= {"state": standing.state(attempt), "vm": f"key {report.vm}", "doubts": about}
            table.writerow({**common, **(_row(report, attempt) if attempt else {})})
    return text.getvalue()


def _row(report: Report, attempt: Attempt) -> dict[str, object]:
    found = again.judged(report.student, attempt)
    return {
        "passed_at": _stamp(attempt.passed) if attempt.passed else "",
        "minutes": "" if attempt.minutes is None else f"{attempt.minutes:.1f}",
        "checks": len(attempt.checks),
        "checks_to_pass": attempt.checks_to_pass if attempt.passed else "",
        "hints": attempt.hints,
        "solved_by_key": int(attempt.solved),
        "predictions_right": found.right if found else "",
        "predictions": found.asked if found else "",
        "as_theory": sum(row.agrees for row in attempt.compared),
        "compared": len(attempt.compared),
    }


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds))


def page(found: Gathered, doubts: Sequence[Doubt]) -> str:
    """The page."""
    reports = list(found.reports.values())
    summed = standing.summaries(reports)
    return render(
        "class.html",
        found=found,
        doubts=doubts,
        matrix=[(report, list(_cells(report))) for report in _those_who_need_help_first(reports)],
        exercises=EXERCISES,
        signs=standing.SIGNS,
        stuck=standing.STUCK,
        summaries=summed,
        chart=Markup(charts.times(summed)),  # noqa: S704 (ours, its texts escaped)
        hints=_most_given(standing.hints(reports)),
        written=when(time.time()),
    )


def _those_who_need_help_first(reports: Sequence[Report]) -> list[Report]:
    def key(report: Report) -> tuple[int, int, str]:
        there = [standing.state(one) for one in report.attempts.values()]
        passed = there.count(standing.PASSED) + there.count(standing.BY_KEY)
        return -there.count(standing.STUCK_THERE), passed, report.student

    return sorted(reports, key=key)


def _cells(report: Report) -> Iterator[tuple[str, str]]:
    """The state of each exercise, and what it took."""
    for number in EXERCISES:
        attempt = report.attempts.get(number)
        yield standing.state(attempt), _took(attempt) if attempt else ""


def _took(attempt: Attempt) -> str:
    """Checks until the pass or so far, and hints taken."""
    return f"{attempt.checks_to_pass} / {attempt.hints}"


def _most_given(hints: Sequence[standing.Hint]) -> dict[int, list[standing.Hint]]:
    by_exercise: dict[int, list[standing.Hint]] = {}
    for hint in hints:
        by_exercise.setdefault(hint.exercise, []).append(hint)
    return {number: given[:HINTS_SHOWN] for number, given in by_exercise.items()}
