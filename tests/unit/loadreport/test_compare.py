"""Two sides: what is noise, what is a difference, and what cannot be compared."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from lab.cli import app
from lab.errors import ExitCode, LabError
from lab.load import bootstrap, compare, compare_view, session, sides, summary
from lab.load.bootstrap import Interval, Measured
from lab.load.percentiles import Column
from lab.load.plan import Plan
from lab.load.records import Records, read
from tests.unit.loadreport.synthetic import Run, even, lognormal

DRAWS = 300  # of each bootstrap here, to be quick
FIGURES = ("median", "p95", "mean")


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "DRAWS", DRAWS)
    monkeypatch.setattr(bootstrap, "FINEST", 800)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Records:
    return read(Run(even(50, 30)).write(tmp_path_factory.mktemp("template")))


def measured(rows: Records, times: Column) -> Measured:
    """A run whose requests, one after the other, took these times."""
    return Measured(replace(rows, response_ms=times), 0.0, 30.0)


class TestIntervals:
    def draw(self, rows: Records, seed: int) -> Measured:
        """A run with a level of its own in each second, as queues make it."""
        levels = lognormal(seed, 30, median=1.0, spread=0.1)[rows.sent.astype(int)]
        return measured(rows, levels * lognormal(seed + 10_000, len(rows)))

    def test_equal_runs_are_called_noise_as_often_as_promised(self, template: Records) -> None:
        called = dict.fromkeys(FIGURES, 0)
        for seed in range(100):
            found = bootstrap.intervals([self.draw(template, seed)], [self.draw(template, seed + 1000)])
            for name in FIGURES:
                called[name] += found[name].noise
        assert all(count >= 90 for count in called.values()), called

    def test_a_tenth_more_is_found(self, tmp_path: Path) -> None:
        rows = read(Run(even(250, 20)).write(tmp_path))
        right = 0
        for seed in range(20):
            a = measured(rows, lognormal(seed, 5000))
            b = measured(rows, 1.1 * lognormal(seed + 1000, 5000))
            found = bootstrap.intervals([a], [b])["median"]
            assert found.low > 0
            right += found.low < 2.0 < found.high  # the truth: the median is 20 ms
        assert right >= 17

    def test_several_runs_a_side_know_how_much_runs_differ(self, template: Records) -> None:
        levels = (1.0, 1.3, 0.8)
        a = [measured(template, level * lognormal(seed, 1500)) for seed, level in enumerate(levels)]
        b = [
            measured(template, level * lognormal(seed + 50, 1500))
            for seed, level in enumerate((1.2, 0.9, 1.4))
        ]
        together = bootstrap.intervals(a, b)["median"]
        single = bootstrap.intervals(a[:1], b[:1])["median"]
        assert together.high - together.low > 2 * (single.high - single.low)
        assert together.noise
        assert not single.noise

    def test_the_figures_themselves_are_exact(self, template: Records) -> None:
        a = measured(template, np.arange(1.0, 1501.0))
        found = bootstrap.intervals([a], [a])
        assert (found["median"].a, found["p99"].a) == (750.0, 1485.0)
        assert found["rate"].a == pytest.approx(50)
        assert found["failures"] == Interval(0, 0, 0, 0)
        assert found["failures"].noise
        assert found["database"].a == pytest.approx(4)

    def test_many_times_are_told_apart_finely_enough(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = read(Run(even(250, 20)).write(tmp_path))
        sides = [measured(rows, lognormal(1, 5000))], [measured(rows, lognormal(2, 5000))]
        coarse = bootstrap.intervals(*sides)
        monkeypatch.setattr(bootstrap, "FINEST", 100_000)
        exact = bootstrap.intervals(*sides)
        for name in FIGURES:
            width = exact[name].high - exact[name].low
            assert coarse[name].low == pytest.approx(exact[name].low, abs=0.02 * width)

    @pytest.mark.parametrize(("blocks", "tail"), [(1, 0.0), (10, 0.0086), (1000, 0.025)])
    def test_few_blocks_widen_it(self, blocks: int, tail: float) -> None:
        assert bootstrap._tail(blocks) == pytest.approx(tail, abs=0.001)


def leave(
    runs: Path, name: str, *, scenario: str = "Browse", link: str = "as it is", app: float = 10.0
) -> Path:
    """A run in `runs` that has been summed up."""
    times = app * lognormal(int(app), 500, median=1.0)
    folder = Run(even(50, 10), app=times, run={"scenarios": [scenario]}).write(runs / name)
    checks = [{"what": "round trip", "measured": "0.1 ms"}]
    summary.write(
        folder, read(folder), Plan("browse"), {"commit": "abc1234", "link": {"words": link, "checks": checks}}
    )
    return folder


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    leave(tmp_path, "20260101-100000-browse")
    leave(tmp_path, "20260101-100100-browse", app=30.0, link="delay 40 ms")
    monkeypatch.setattr(session, "RUNS", tmp_path)
    return tmp_path


class TestSides:
    def test_latest_and_previous(self, runs: Path) -> None:
        (runs / "20260101-100200-browse").mkdir()  # broke off: it has no run.json
        a, b = sides.named("previous", "latest", runs)
        assert (a.name, b.name) == ("20260101-100000-browse", "20260101-100100-browse")

    def test_several_and_by_path(self, runs: Path) -> None:
        a, _ = sides.named(f"latest, {runs}/20260101-100000-browse", "previous", runs)
        assert a.name == "20260101-100100-browse, 20260101-100000-browse"

    @pytest.mark.parametrize(
        ("name", "said"),
        [("nothing", "there is no run 'nothing'"), (",", "a side names no run"), ("", "a side names no run")],
    )
    def test_what_is_no_run(self, name: str, said: str, runs: Path) -> None:
        with pytest.raises(LabError, match=said) as refused:
            sides.named(name, "latest", runs)
        assert refused.value.exit_code == ExitCode.USAGE

    def test_without_runs(self, tmp_path: Path) -> None:
        with pytest.raises(LabError, match=r"there is no latest run in .*; make loadtest makes one"):
            sides.named("latest", "latest", tmp_path)

    def test_another_scenario_cannot_be_compared(self, runs: Path) -> None:
        leave(runs, "20260101-100300-helpdesk", scenario="Helpdesk")
        with pytest.raises(LabError) as refused:
            compare.compare(*sides.named("previous", "latest", runs))
        assert str(refused.value) == (
            "20260101-100100-browse is a run of Browse and 20260101-100300-helpdesk one of Helpdesk, "
            "which cannot be compared; name runs of one scenario"
        )
        assert refused.value.exit_code == ExitCode.USAGE


class TestTold:
    def test_differences_and_conditions(self, runs: Path) -> None:
        found = compare.compare(*sides.named("previous", "latest", runs))
        assert found.conditions == (("link", "as it is", "delay 40 ms"),)
        told = compare.document(found)
        assert told["figures"]["median"]["within_noise"] is False
        assert told["figures"]["database"]["within_noise"] is True
        assert re.search(
            r"figures differ by more than the noise: median \S+ ms → \S+ ms", compare.sentence(found)
        )
        assert "With 1 run a side" in found.caution

    def test_a_run_and_itself(self, runs: Path) -> None:
        found = compare.compare(*sides.named("latest", "latest", runs))
        assert "cannot be told apart" in compare.sentence(found)
        assert "  under the same conditions" in list(compare_view.lines(found))

    def test_page(self, runs: Path) -> None:
        found = compare.compare(*sides.named("previous", "latest", runs))
        file = compare_view.write(found, runs)
        assert file.name == "compare-20260101-100000-browse-20260101-100100-browse.html"
        text = file.read_text()
        charts = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
        assert len(charts) == 2
        for chart in charts:
            ElementTree.fromstring(chart)  # noqa: S314 (ours)
        assert text.count("within the noise") >= 1
        assert "<script" not in text

    def test_command(self, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
        names = [str(runs / name) for name in ("20260101-100000-browse", "20260101-100100-browse")]
        app(["compare", *names, "--json"], standalone_mode=False)
        assert json.loads(capsys.readouterr().out)["figures"]["median"]["relative"] > 0.5
        app(["compare", *names], standalone_mode=False)
        printed = capsys.readouterr().out
        assert "link: as it is in A, delay 40 ms in B" in printed
        assert printed.rstrip().splitlines()[-1].endswith(".")
