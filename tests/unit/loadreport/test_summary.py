"""What a run's numbers say: percentiles, shares, laws, verdict."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from common.report import Outcome, reasons_to_fail
from lab.load import shares, steady, summary, view
from lab.load.percentiles import Percentiles, at, shown
from lab.load.plan import Plan
from lab.load.records import Records, read
from tests.unit.loadreport.synthetic import Run, even

PLAN = Plan("browse", seconds=20)


def outcome(**changes: int) -> Outcome:
    """A run to which nothing happened but these."""
    return Outcome(**{**{field.name: 0 for field in fields(Outcome)}, **changes})  # type: ignore[arg-type]  # 0 is every no


def summed(run: Run, folder: Path, plan: Plan = PLAN) -> dict[str, Any]:
    run.write(folder)
    summary.write(folder, read(folder), plan, {"commit": "abc1234"})
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return found


class TestPercentiles:
    def test_they_are_times_that_were_seen(self) -> None:
        times = np.arange(1.0, 1001.0)
        assert Percentiles.of(times) == Percentiles(500, 900, 950, 990, 999, 1000, 500.5)
        assert at(np.array([3.0, 1.0, 2.0]), 50) == 2.0
        assert at(np.array([3.0, 1.0]), 50) == 1.0

    def test_none_of_nothing(self) -> None:
        assert np.isnan(Percentiles.of(np.array([])).p99)
        assert [shown(ms) for ms in (float("nan"), 8.44, 123.4, 2345.0)] == [
            "none",
            "8.4 ms",
            "123 ms",
            "2.35 s",
        ]


class TestShares:
    def test_each_part_is_found_again(self, tmp_path: Path) -> None:
        run = Run(even(10, 5), connect=7, network=2, nginx=1, app=10, database=4)
        assert shares.means(read(run.write(tmp_path))) == pytest.approx(
            {"connect": 7, "network": 2, "nginx": 1, "app": 10, "database": 4, "untold": 0}
        )

    @pytest.mark.parametrize("column", ["first_byte_ms", "edge_ms", "app_ms", "db_ms", "connect_ms"])
    @pytest.mark.parametrize("value", [0.0, 1.5, 1000.0, float("nan")])
    def test_whatever_the_servers_claim_the_parts_add_up(
        self, column: str, value: float, tmp_path: Path
    ) -> None:
        rows = read(Run(even(10, 1), connect=3).write(tmp_path))
        changes: dict[str, Any] = {column: np.full(len(rows), value)}
        rows = replace(rows, **changes)
        parts = shares.split(rows)
        assert sum(parts.values()) == pytest.approx(rows.service_ms)
        assert all((part >= 0).all() for part in parts.values())

    def test_without_server_timing_the_wait_is_not_divided(self, tmp_path: Path) -> None:
        rows = read(Run(even(10, 1), network=5).write(tmp_path))
        nothing = np.full(len(rows), np.nan)
        silent = replace(rows, edge_ms=nothing, app_ms=nothing, db_ms=nothing)
        assert shares.means(silent)["untold"] == pytest.approx(20)
        unanswered = replace(silent, first_byte_ms=nothing)
        assert shares.means(unanswered)["untold"] == pytest.approx(20)

    def test_a_direct_request_has_no_wait_at_nginx(self, tmp_path: Path) -> None:
        rows = read(Run(even(10, 1), nginx=0).write(tmp_path))
        direct = replace(rows, edge_ms=np.full(len(rows), np.nan))
        assert shares.means(direct) == pytest.approx(shares.means(rows))


class TestLaws:
    def records(self, folder: Path, **run: object) -> Records:
        return read(Run(even(50, 20), run=run).write(folder))

    def test_little_holds_and_says_so(self, tmp_path: Path) -> None:
        law = steady.little(self.records(tmp_path))
        assert law is not None
        assert law.holds
        assert "they agree within 0.0%" in law.says
        assert law.left == pytest.approx(50 * 0.017, rel=0.01)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({}, "a reason that these figures do not tell"),
            ({"users_over_time": [[second, second] for second in range(21)]}, "users went from 2 to 20"),
        ],
    )
    def test_little_does_not_hold_and_says_why(
        self, changes: dict[str, object], why: str, tmp_path: Path
    ) -> None:
        off = {"in_flight": {"from": 2.0, "to": 20.0, "mean": 1.0}}
        law = steady.little(self.records(tmp_path, **off, **changes))
        assert law is not None
        assert not law.holds
        assert law.off == pytest.approx(0.15, abs=0.01)
        assert why in law.says

    def test_a_moving_rate_is_named(self, tmp_path: Path) -> None:
        run = Run(np.sort(20 * np.sqrt(np.arange(1000) / 1000)))  # ever more requests a second
        run.run = {"in_flight": {"from": 2.0, "to": 20.0, "mean": 2.0}}
        law = steady.little(read(run.write(tmp_path)))
        assert law is not None
        assert "requests in its first half" in law.says

    def test_interactive_law_with_a_known_think_time(self, tmp_path: Path) -> None:
        rate, wait = 50.0, 0.017
        options = {"options": {"think_time": 20 / rate - wait}}
        law = steady.interactive(self.records(tmp_path, **options))
        assert law is not None
        assert law.left == 20
        assert law.right == pytest.approx(20, rel=0.01)
        assert law.holds

    def test_interactive_law_tells_the_think_time(self, tmp_path: Path) -> None:
        law = steady.interactive(self.records(tmp_path))
        assert law is not None
        assert "each paused for Z = 0.383 s" in law.says
        assert steady.interactive(self.records(tmp_path, rate=50)) is None

    def test_a_load_that_moves_is_measured_whole(self, tmp_path: Path) -> None:
        assert steady.window(self.records(tmp_path)).begin == 2.0
        window = steady.window(self.records(tmp_path, shape="spike"))
        assert (window.begin, window.end) == (0.0, 20.0)
        assert "'spike' moves the load on purpose" in window.why
        assert "never steady" in steady.window(self.records(tmp_path, in_flight=None)).why


class TestSummary:
    def test_warm_up_is_left_out(self, tmp_path: Path) -> None:
        times = np.where(even(50, 20) < 2, 500.0, 10.0)
        found = summed(Run(even(50, 20), app=times), tmp_path)
        assert found["requests"] == 1000
        assert found["measured"]["requests"] == 900
        assert found["measured"]["response_ms"]["max"] == pytest.approx(17)
        assert found["measured"]["rate"] == pytest.approx(50)

    def test_per_name_and_replica(self, tmp_path: Path) -> None:
        found = summed(Run(even(60, 20)), tmp_path)
        assert [row["name"] for row in found["by_name"]] == [
            "/api/departments/",
            "/api/tickets/",
            "/api/tickets/[id]/",
        ]
        assert sum(row["requests"] for row in found["by_name"]) == found["measured"]["requests"]
        assert {name: one["share"] for name, one in found["balance"].items()} == {"app1": 0.5, "app2": 0.5}

    def test_refusals_and_failures(self, tmp_path: Path) -> None:
        refused = dict.fromkeys(range(100, 150), (429, ""))
        failed = dict.fromkeys(range(3), (0, "no answer: timed out"))
        found = summed(Run(even(50, 20), statuses=refused | failed), tmp_path)
        assert found["rate_limited"] == {"requests": 50, "share": 0.05, "first": pytest.approx(2.0)}
        assert found["status"] == {"200": 947, "429": 50, "0": 3}
        assert (found["failures"], found["errors"]) == (3, {"no answer: timed out": 3})

    def test_a_run_without_requests(self, tmp_path: Path) -> None:
        reasons = reasons_to_fail(outcome())
        found = summed(Run(np.array([]), run={"code": 1, "reasons": reasons}), tmp_path)
        assert found["measured"]["response_ms"]["p50"] is None
        assert found["verdict"]["sentence"].startswith("FAILED: no request was completed")


class TestVerdict:
    FAILED = reasons_to_fail(outcome(requests=1000, failures=2))

    @pytest.mark.parametrize(
        ("fail_if", "reasons", "sentence"),
        [
            ((), [], "PASSED: 1,000 requests, none failed"),
            (("p95>300ms",), [], "PASSED: 1,000 requests, none failed; within p95>300ms (it was 17.0 ms)"),
            (("p95>10ms",), [], "FAILED: p95>10ms (it was 17.0 ms) crosses the threshold"),
            (("rate<60/s",), [], "FAILED: rate<60/s (it was 50/s) crosses the threshold"),
            ((), FAILED, "FAILED: 2 of 1000 requests failed"),
            (
                ("failures>1%",),
                FAILED,
                "PASSED: 1,000 requests, none failed; within failures>1% (it was 0 %)",
            ),
            (("failures>1%",), ["worker lost"], "FAILED: worker lost"),
        ],
    )
    def test_sentence(
        self, fail_if: tuple[str, ...], reasons: list[str], sentence: str, tmp_path: Path
    ) -> None:
        run = Run(even(50, 20), run={"reasons": reasons, "code": int(bool(reasons))})
        found = summed(run, tmp_path, replace(PLAN, fail_if=fail_if))
        assert found["verdict"]["sentence"] == sentence
        assert found["verdict"]["code"] == (0 if sentence.startswith("PASSED") else 1)


def test_names_in_brackets_are_shown_in_the_terminal(tmp_path: Path) -> None:
    console = Console(width=120)
    with console.capture() as printed:
        console.print(view.table(summed(Run(even(60, 20)), tmp_path)))
    assert "GET /api/tickets/[id]/ " in printed.get()
