"""Shapes: their levels, their pictures, and runs that really follow them."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from common import levels, pictures
from common.openloop.arrivals import Load, even, sampled
from tests.unit.load.conftest import LOCUSTFILES, SCENARIOS, Locust
from tests.unit.load.single import Single, serving

DOCS = LOCUSTFILES.parent / "docs"
SHARES = [number / 1000 for number in range(1000)]

# `tick` at nine times of a run of 100 s, for a peak of 50 users.
TICKS = """
import argparse, importlib, json
from locust.env import Environment
from locust.runners import LocalRunner

def ticks(name, rate, waits):
    shape = getattr(importlib.import_module(f"shapes.{name}"), name.capitalize())()
    options = argparse.Namespace(num_users=50, spawn_rate=3.0, run_time=100, rate=rate)
    shape.runner = LocalRunner(Environment(parsed_options=options))
    shape.awaits_arrivals = waits
    for seconds in (0, 2, 10, 30, 50, 70, 90, 99, 101):
        shape.get_run_time = lambda: seconds
        yield shape.tick()

kinds = {"closed": (0.0, False), "open": (20.0, False), "waiting": (20.0, True)}
names = ("steady", "ramp", "step", "spike", "wave", "soak")
print(json.dumps({kind: {name: [*ticks(name, *kinds[kind])] for name in names} for kind in kinds}))
"""


def ticks(locust: Locust) -> dict[str, dict[str, list[list[float] | None]]]:
    """In a closed, an open and a not yet begun open loop, those of each shape."""
    told = subprocess.run(
        [sys.executable, "-c", TICKS],
        env=locust.environment,
        cwd=LOCUSTFILES,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, dict[str, list[list[float] | None]]] = json.loads(told.stdout)
    return found


class TestLevels:
    @pytest.mark.parametrize("name", levels.LEVELS)
    def test_between_nothing_and_the_peak_which_is_reached(self, name: str) -> None:
        heights = [levels.LEVELS[name](share) for share in SHARES]
        assert min(heights) >= 0
        assert max(heights) == pytest.approx(1, abs=0.002)

    def test_what_makes_each_of_them(self) -> None:
        heights = {name: [level(share) for share in SHARES] for name, level in levels.LEVELS.items()}
        assert set(heights["steady"]) == {1}
        assert heights["ramp"] == SHARES
        assert [heights["step"].count(height) for height in (0.2, 0.4, 0.6, 0.8, 1.0)] == [200] * 5
        assert [heights["spike"].count(height) for height in (0.2, 1.0)] == [900, 100]
        assert heights["spike"][450:550] == [1.0] * 100
        assert [heights["wave"][share] for share in (0, 250, 500, 750)] == pytest.approx([0.2, 1, 0.2, 1])
        assert heights["soak"][50:] == [1.0] * 950
        assert heights["soak"][25] == pytest.approx(0.5)

    def test_a_step_beyond_the_end_is_the_last(self) -> None:
        assert levels.step(1.0) == 1


def test_the_pictures_show_the_levels(tmp_path: Path) -> None:
    pictures.draw(tmp_path)
    mend = "run: make shapes"
    drawn = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert drawn == {path.name: path.read_text() for path in (DOCS / "shapes").iterdir()}, mend
    assert set(drawn) == {f"{name}.svg" for name in (*levels.LEVELS, "coordinated-omission")}


@pytest.mark.parametrize("name", levels.LEVELS)
def test_each_shape_is_a_file_that_explains_itself(name: str) -> None:
    told = ast.get_docstring(ast.parse((LOCUSTFILES / f"shapes/{name}.py").read_text()))
    assert told is not None
    assert told.startswith(f"{name.capitalize()}: ")
    assert "What it shows: " in told
    assert f"locust -f browse.py,shapes/{name}.py --headless" in told


def test_users_follow_in_a_closed_loop_and_stay_in_an_open_one(locust: Locust) -> None:
    told = ticks(locust)
    assert {name: [tick and tick[0] for tick in seen] for name, seen in told["closed"].items()} == {
        "steady": [50, 50, 50, 50, 50, 50, 50, 50, None],
        "ramp": [1, 1, 5, 15, 25, 35, 45, 50, None],  # never nobody
        "step": [10, 10, 10, 20, 30, 40, 50, 50, None],
        "spike": [10, 10, 10, 10, 50, 10, 10, 10, None],
        "wave": [10, 11, 24, 46, 10, 46, 24, 10, None],
        "soak": [1, 20, 50, 50, 50, 50, 50, 50, None],
    }
    assert all(seen == [[50, 3.0]] * 8 + [None] for seen in told["open"].values())
    assert all(seen == [[50, 3.0]] * 9 for seen in told["waiting"].values())


def test_runs_follow_a_shape(locust: Locust) -> None:
    """At the same time a closed loop on stairs, and an open one with a spike."""
    with serving(Single(0.0)) as server:
        stairs = locust.start(
            *("-f", f"{SCENARIOS / 'crowd.py'},shapes/step.py", "--headless", "--host", server.url),
            *("-u", "10", "-t", "7s"),
        )
        spike = locust.run(
            *("-f", f"{SCENARIOS / 'simple.py'},shapes/spike.py", "--host", server.url),
            *("--rate", "100", "--arrivals", "even", "-u", "20", "-r", "100", "-t", "5s"),
        )
        seen = next(line for line in stairs().output.splitlines() if line.startswith("users: "))
    assert json.loads(seen.removeprefix("users: "))[:6] == [0, 2, 4, 6, 8, 10]
    assert spike.code == 0, spike
    due = list(even(Load(100, 5, sampled(levels.spike))))
    assert len(due) == server.served
    # The middle tenth of the run has as many arrivals as the 45 % before it, and they came then.
    late = [came - at for came, at in zip(server.came, due, strict=True)]
    assert max(late) - min(late) < 0.25
