"""What a run is said to have run under, and how it is repeated."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from lab import engine
from lab.errors import ExitCode, LabError
from lab.load import conditions
from lab.load.plan import Plan, duration
from lab.load.repeat import commands
from lab.load.thresholds import split
from link import profiles
from link.condition import Condition, Link
from link.gilbert import Gilbert

EVEN = Condition(delay=0.04, loss=0.01)


def test_versions_are_asked_of_the_hosts_and_a_stopped_one_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def exec_argv(project: str, host: str, words: Sequence[str]) -> list[str]:
        if host == "app1":
            raise LabError("host app1 is not running; run: make up", ExitCode.UNMEASURED)
        return ["sh", "-c", "echo 'nginx version: nginx/1.26.3' >&2"]

    monkeypatch.setattr(engine, "exec_argv", exec_argv)
    monkeypatch.setattr(engine, "clients", lambda: [SimpleNamespace(server="28.5.2")])
    found = conditions.versions("ticketlab")
    assert found == {"engine": "28.5.2", "nginx": "1.26.3", "django": "?", "app_python": "?"}


@pytest.mark.parametrize(
    ("plan", "lines"),
    [
        (Plan("browse"), ["make loadtest SCENARIO=browse USERS=20 TIME=30s"]),
        (
            Plan("health", "ramp", rate=50, arrivals="even", via="app1", keep_alive=False, think_time=0.5),
            ["make loadtest SCENARIO=health SHAPE=ramp USERS=20 RATE=50 ARRIVALS=even TIME=30s VIA=app1 "
             "KEEP_ALIVE=off THINK_TIME=0.5s"],
        ),
        (
            Plan("browse", fail_if=("p95>300ms", "failures>0.1%"), label="two replicas", workers=2),
            ["make loadtest SCENARIO=browse USERS=20 TIME=30s WORKERS=2 FAIL_IF='p95>300ms failures>0.1%' "
             "LABEL='two replicas'"],
        ),
        (Plan("browse", link=profiles.get("lte").link),
         ["make loadtest SCENARIO=browse USERS=20 TIME=30s PROFILE=lte"]),
        (Plan("browse", link=Link(EVEN, EVEN)),
         ["make loadtest SCENARIO=browse USERS=20 TIME=30s DELAY=40ms LOSS=1%"]),
        (Plan("browse", link=Link()),
         ["make link-clear ZONE=clients", "make loadtest SCENARIO=browse USERS=20 TIME=30s"]),
        (
            Plan("browse", link=Link(Condition(rate=1e6, limit=50), Condition(gilbert=Gilbert(0.01, 0.2)))),
            ["make link ZONE=clients RATE=1000kbit LIMIT=50p DIRECTION=up",
             "make link ZONE=clients LOSS_MODEL='gilbert(1%,20%,100%,0%)' DIRECTION=down MODIFY=1",
             "make loadtest SCENARIO=browse USERS=20 TIME=30s"],
        ),
    ],
)  # fmt: skip
def test_how_a_run_is_repeated(plan: Plan, lines: list[str]) -> None:
    assert commands(plan) == lines


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("60", 60)])
def test_duration(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "fast", "-3s", "1.5s", "5y"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(LabError, match="is no time; write it like 30s, 5m or 1h") as refused:
        duration(text)
    assert refused.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("p95>300ms failures>0.1%", ["p95>300ms", "failures>0.1%"]),
        ("p95 > 300 ms, failures > 1 %;rate<5/s", ["p95 > 300 ms", "failures > 1 %", "rate<5/s"]),
        ("max{name=POST s , x}>1s p99>2s", ["max{name=POST s , x}>1s", "p99>2s"]),
        ("p95>fast", ["p95>fast"]),
    ],
)
def test_several_thresholds_in_one_text(text: str, parts: list[str]) -> None:
    assert split(text) == parts
