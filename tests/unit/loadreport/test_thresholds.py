"""The grammar of thresholds, and what each one measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.errors import ExitCode, LabError
from lab.load.records import read
from lab.load.thresholds import judge, parse
from tests.unit.loadreport.synthetic import Run, even


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p95>300ms", 96),
        ("median > 0.3s", 51),
        ("p50>1s", 51),
        ("mean>1s", 51.5),
        ("max>1s", 101),
        ("p99.9>1s", 101),
        ("service.p95>1s", 96),
        ("p99{name=/api/tickets/}>1s", 101),
        ("max{ name = /api/tickets/[id]/ } < 5 ms", 99),
        ("failures>0.1%", 0.01),
        ("429>1%", 0.03),
        ("4xx>1%", 0.03),
        ("5xx>1%", 0.01),
        ("failures{name=/api/departments/}>1%", 0),
        ("rate<50/s", 10),
    ],
)
def test_values(text: str, value: float, tmp_path: Path) -> None:
    statuses = {**dict.fromkeys((1, 2, 3), (429, "")), 4: (503, "503 instead of 200")}
    times = np.arange(1.0, 101.0)
    rows = read(
        Run(even(10, 10), network=0, nginx=1, app=times, database=0, statuses=statuses).write(tmp_path)
    )
    judged = judge(parse(text), rows, rows, 10.0)
    assert judged.value == pytest.approx(value)
    above = ">" in text
    assert judged.crossed is (value > judged.limit if above else value < judged.limit)
    assert judged.told.startswith(f"{text} (it was ")


def test_no_such_request_crosses(tmp_path: Path) -> None:
    rows = read(Run(even(10, 1)).write(tmp_path))
    judged = judge(parse("p95{name=/api/ticket/}>1s"), rows, rows, 1.0)
    assert (judged.value, judged.crossed) == (None, True)
    assert judged.told == "p95{name=/api/ticket/}>1s (no such request was made)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p95=300ms", "the threshold 'p95=300ms' cannot be read from '=300ms' on"),
        ("p95>300", "cannot be read from its end on"),
        ("p95>fast", "cannot be read from 'fast' on"),
        ("", "cannot be read from its end on"),
        ("p95>300ms!", "cannot be read from '!' on"),
        ("p95{tag=x}>300ms", "cannot be read from '{tag=x}>300ms' on"),
        ("p100>1s", "has no metric 'p100'"),
        ("latency>1s", "has no metric 'latency' (a time, 'failures', a status or 'rate')"),
        ("service.failures>1%", "has no metric 'service.failures'"),
        ("p95>1%", "has a limit in %, but p95 is counted in ms or s"),
        ("failures>1s", "has a limit in s, but failures is counted in %"),
        ("rate<50%", "has a limit in %, but rate is counted in /s"),
    ],
)
def test_what_is_no_threshold(text: str, said: str) -> None:
    with pytest.raises(LabError) as refused:
        parse(text)
    assert said in str(refused.value)
    assert "write it like 'p95>300ms', 'failures>0.1%'" in str(refused.value)
    assert refused.value.exit_code == ExitCode.USAGE
