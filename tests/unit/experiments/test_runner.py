"""The runner: takes, what spoils an experiment, and that the lab is as before whatever happens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lab.errors import ExitCode, LabError
from lab.experiments import page, runner
from lab.experiments.catalogue import EXPERIMENTS, named
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope, within
from lab.experiments.runner import Outcome
from lab.load.plan import Plan, locust_words
from tests.unit.experiments.pretend import PretendedLab, Random, Request, World

Settings = Mapping[str, str]


def cells(scope: Scope) -> list[Cell]:
    """Two conditions, each with other settings."""
    return [Cell(f"{count}-workers", count, Plan("health"), {"WEB_WORKERS": str(count)}) for count in (1, 2)]


def points(done: Sequence[Done], _: Scope) -> list[Point]:
    """Each request shall take 10 ms."""
    return [
        Point("all", one.cell.x, float(one.rows.service_ms.mean()), one.cell.name, 10.0, *within(10.0, 1, 0))
        for one in done
    ]


SIMPLE = Experiment(
    name="simple",
    question="Does it take 10 ms?",
    theory="it does",
    x=Axis("workers"),
    y=Axis("ms"),
    cells=cells,
    points=points,
    conclusion=lambda found, done, _: f"{found[-1].measured:.1f} ms with {len(done)} <cells>",
)


def steadily(*takes: float) -> World:
    """Requests that take so long in the first run, so long in the second, and so on."""
    times = iter(takes)

    def world(plan: Plan, _: Settings, __: Random) -> list[Request]:
        return [Request(next(times))] * 10

    return world


def run(tmp_path: Path, lab: PretendedLab, experiment: Experiment = SIMPLE) -> Outcome:
    return runner.run(experiment, lab, tmp_path, lambda _: None)


def test_each_cell_runs_under_its_own_settings(tmp_path: Path) -> None:
    lab = PretendedLab(steadily(10, 10))
    found = run(tmp_path, lab)
    assert found.code is ExitCode.PASSED
    assert lab.told == [
        *("varied {'WEB_WORKERS': '1'}", "health", "as before"),
        *("varied {'WEB_WORKERS': '2'}", "health", "as before"),
    ]
    assert [take.folder.name for take in found.takes] == ["1-workers-take-1", "2-workers-take-1"]
    assert all((take.folder / "requests.csv").exists() for take in found.takes)
    assert re.fullmatch(r"\d{8}-\d{6}-experiment-simple", found.folder.name)


def test_a_cell_that_was_spoilt_is_measured_again_and_the_last_take_counts(tmp_path: Path) -> None:
    found = run(tmp_path, PretendedLab(steadily(10, 25, 10)))
    assert found.code is ExitCode.PASSED
    assert [(take.folder.name, take.number) for take in found.takes] == [
        ("1-workers-take-1", 1),
        ("2-workers-take-2", 2),
    ]
    assert (found.folder / "2-workers-take-1").is_dir(), "the take that does not count stays to be looked at"


def test_three_takes_and_no_more(tmp_path: Path) -> None:
    found = run(tmp_path, PretendedLab(steadily(10, 25, 26, 27)))
    assert found.code is ExitCode.FAILED
    assert found.points[1].measured == 27


def test_what_chance_decides_is_never_measured_again(tmp_path: Path) -> None:
    lab = PretendedLab(steadily(10, 25))
    assert run(tmp_path, lab, replace(SIMPLE, repeatable=False)).code is ExitCode.FAILED
    assert lab.told.count("health") == 2


def test_a_generator_that_did_not_keep_up_measured_itself(tmp_path: Path) -> None:
    lab = PretendedLab(steadily(10, 25, 25, 25), saturated=True)
    assert run(tmp_path, lab).code is ExitCode.UNMEASURED


def test_requests_that_fail_end_it_and_say_which(tmp_path: Path) -> None:
    def failing(plan: Plan, settings: Settings, _: Random) -> list[Request]:
        return [Request(10.0), Request(10.0, error="502 instead of 200")]

    lab = PretendedLab(failing)
    with pytest.raises(LabError, match=r"in cell 1-workers 1 of 2 requests failed: 502 instead of 200; see"):
        run(tmp_path, lab)
    assert lab.told[1:] == ["health"] * 3 + ["as before"], "tried three times"


def test_a_moment_in_which_nothing_can_be_measured_passes(tmp_path: Path) -> None:
    tries = iter([True, False, False])

    def world(plan: Plan, settings: Settings, _: Random) -> list[Request]:
        if next(tries):
            raise LabError("the link differs from what was asked for", ExitCode.UNMEASURED)
        return [Request(10.0)]

    assert run(tmp_path, PretendedLab(world)).code is ExitCode.PASSED


@pytest.mark.parametrize("end", [KeyboardInterrupt(), LabError("the lab is down", ExitCode.UNMEASURED)])
def test_the_lab_is_as_before_whatever_happens(tmp_path: Path, end: BaseException) -> None:
    def world(plan: Plan, settings: Settings, _: Random) -> list[Request]:
        if settings["WEB_WORKERS"] == "2":
            raise end
        return [Request(10.0)]

    lab = PretendedLab(world)
    with pytest.raises(type(end)):
        run(tmp_path, lab)
    assert lab.told[-1] == "as before"
    (folder,) = tmp_path.glob("*-experiment-simple")
    assert (folder / "1-workers-take-1/requests.csv").exists(), "what was measured stays"


def test_what_it_leaves_needs_nothing_else_and_is_the_same_for_the_same_points(tmp_path: Path) -> None:
    found = run(tmp_path, PretendedLab(steadily(10, 25, 25, 25)))
    text = page.write(found).read_text()
    assert "25.0 ms with 2 &lt;cells&gt;" in text
    assert "not as predicted" in text
    assert "make experiment NAME=simple" in text
    assert not re.search(r'(src|href)="(https?:)?//', text)
    assert re.findall(r'href="([^"#]*)"', text) == [
        "1-workers-take-1/report.html",
        "2-workers-take-3/report.html",
    ]
    picture = (found.folder / page.PLOT).read_text()
    page.write(found)
    assert (found.folder / page.PLOT).read_text() == picture
    cells = json.loads((found.folder / page.CELLS).read_text())
    assert (cells["code"], cells["points"][1]["agrees"], cells["cells"][1]["take"]) == (1, False, 3)


def test_quick_has_fewer_cells(tmp_path: Path) -> None:
    for one in EXPERIMENTS.values():
        assert len(one.cells(Scope(quick=True))) < len(one.cells(Scope()))


def test_every_cell_can_be_run_and_has_a_name_of_its_own() -> None:
    for one in EXPERIMENTS.values():
        all_cells = one.cells(Scope(https="https://10.10.10.1"))
        for cell in all_cells:
            cell.plan.check()
            assert cell.plan.link is not None, "the link of a cell is part of its condition"
            assert re.fullmatch(r"[a-z0-9.-]+", cell.name), "it names a folder"
        assert len({cell.name for cell in all_cells}) == len(all_cells)


def test_an_unknown_experiment_names_those_that_there_are() -> None:
    with pytest.raises(
        LabError, match="there is no experiment 'latency'; there are latency-sweep, "
    ) as caught:
        named("latency")
    assert caught.value.exit_code is ExitCode.USAGE


def test_https_is_told_to_locust() -> None:
    plan = Plan("health", host="https://10.10.10.1")
    assert locust_words(plan) == ["--locustfile", "health.py", "--host", "https://10.10.10.1"]
