"""What every benchmark ends with: the table, and the exit code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.report import Result, tell
from lab.errors import ExitCode, LabError

KEPT = Result("first page", ("1.00 ms", "0.90 ms"), "≤ x 1.3", kept=True)
BROKEN = Result("deep page", ("9.00 ms", "0.90 ms"), "≤ x 1.3", kept=False)


def until_it_fails() -> Iterator[Result]:
    yield KEPT
    raise LabError("wrk is not installed; run: sudo apt-get install wrk")


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([KEPT, KEPT], ExitCode.PASSED),
        ([BROKEN, KEPT], ExitCode.FAILED),
        ([KEPT, BROKEN], ExitCode.FAILED),
    ],
)
def test_one_broken_promise_decides(results: list[Result], code: ExitCode) -> None:
    assert tell("pages", ("many", "few"), results) is code


def test_every_result_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    tell("pages", ("many", "few"), [KEPT, BROKEN])
    printed = capsys.readouterr()
    rows = [[cell.strip() for cell in line.split("│")] for line in printed.out.splitlines() if "page" in line]
    assert rows[1:] == [
        ["", "first page", "1.00 ms", "0.90 ms", "≤ x 1.3", "kept", ""],
        ["", "deep page", "9.00 ms", "0.90 ms", "≤ x 1.3", "NOT KEPT", ""],
    ]
    assert printed.err == "first page: 1.00 ms, 0.90 ms\ndeep page: 9.00 ms, 0.90 ms\n"


def test_what_could_not_be_measured_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell("pages", ("many", "few"), until_it_fails()) is ExitCode.UNMEASURED
    printed = capsys.readouterr()
    assert "first page" in printed.out, "what there was by then is shown"
    assert printed.err.endswith("ticketlab: wrk is not installed; run: sudo apt-get install wrk\n")
