"""Reading a run's folder, also one that is damaged or no run at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.errors import ExitCode, LabError
from lab.load import records
from lab.load.records import read
from tests.unit.loadreport.synthetic import Run, even


def test_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "AT_ONCE", 7)  # several parts
    rows = read(Run(even(10, 3), statuses={4: (503, "503 instead of 200, again")}).write(tmp_path))
    assert len(rows) == 30
    assert rows.sent == pytest.approx(even(10, 3), abs=1e-6)
    assert np.isnan(rows.connect_ms).all()
    assert rows.error[rows.failed].tolist() == ["503 instead of 200, again"]
    assert set(rows.served_by) == {"app1", "app2"}
    assert len(rows.between(1.0, 2.0)) == 10


def test_a_cut_off_last_line_is_left_out(tmp_path: Path) -> None:
    table = Run(even(10, 3)).write(tmp_path) / "requests.csv"
    text = table.read_text()
    for cut in (1, 3, 40):
        table.write_text(text[:-cut])
        assert len(read(tmp_path)) == 29


def test_further_columns_and_another_order_do_no_harm(tmp_path: Path) -> None:
    table = Run(even(10, 1)).write(tmp_path) / "requests.csv"
    turned = [",".join(["new", *reversed(line.split(","))]) for line in table.read_text().splitlines()]
    before = read(tmp_path)
    table.write_text("\n".join(turned) + "\n")
    assert (read(tmp_path).service_ms == before.service_ms).all()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("requests.csv", None, "requests.csv cannot be read (No such file or directory)"),
        ("requests.csv", "", "requests.csv has no column sent, intended,"),
        ("requests.csv", "a,b\n1,2\n", "requests.csv has no column sent, intended,"),
        ("requests.csv", f"{','.join(records.COLUMNS)}\n1,2\n", "line 2 of requests.csv has 2 fields"),
        ("requests.csv", f"{','.join(records.COLUMNS)}\n{','.join('x' * 21)}\n", "in column sent,"),
        ("run.json", None, "run.json cannot be read (No such file or directory)"),
        ("run.json", "{", "run.json is not what a run writes at its end"),
        ("run.json", "{}", "run.json is not what a run writes at its end"),
        ("run.json", "[]", "run.json is not what a run writes at its end"),
    ],
)  # fmt: skip
def test_what_is_no_run(name: str, text: str | None, said: str, tmp_path: Path) -> None:
    file = Run(even(10, 1)).write(tmp_path) / name
    file.unlink() if text is None else file.write_text(text)
    with pytest.raises(LabError) as refused:
        read(tmp_path)
    assert said in str(refused.value)
    assert refused.value.exit_code == ExitCode.USAGE
