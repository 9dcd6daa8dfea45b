"""Theory beside what the last checks measured, of all exercises by one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab.cli.exercises import app
from lab.errors import ExitCode, LabError
from lab.exercises import progress, view
from lab.exercises.model import Compared
from lab.exercises.progress import Progress, Record
from lab.exercises.quantity import TIME
from lab.exercises.sitting import Checked, results

NEAR = Compared("round trip", TIME, 0.080, 0.0804, 0.003)
FAR = Compared("kept alive", TIME, 0.080, 0.120, 0.003)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))


def _checked(records: dict[int, list[Compared]]) -> None:
    made = {
        number: Record(results=results(Checked([], rows, sealed_now=False)))
        for number, rows in records.items()
    }
    progress.save(Progress("s1", made))


def test_the_rows_of_all_exercises_stand_in_their_order() -> None:
    _checked({5: [NEAR], 4: [NEAR, FAR], 7: []})
    rows = view.last_compared(progress.load())
    assert [(row["exercise"], row["what"], row["agrees"]) for row in rows] == [
        (4, "round trip", True), (4, "kept alive", False), (5, "round trip", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "code"), [([NEAR], ExitCode.PASSED), ([NEAR, FAR], ExitCode.FAILED)], ids=["agree", "differ"]
)
def test_the_exit_code_says_whether_all_agree(rows: list[Compared], code: ExitCode) -> None:
    _checked({4: rows})
    done = CliRunner().invoke(app, ["predicted", "--json"])
    assert done.exit_code == code
    assert [row["measured"] for row in json.loads(done.stdout)] == [TIME.show(row.measured) for row in rows]


def test_nothing_compared_is_no_pass() -> None:
    _checked({7: []})
    done = CliRunner().invoke(app, ["predicted"])
    assert isinstance(done.exception, LabError)
    assert done.exception.exit_code == ExitCode.UNMEASURED
