"""A whole load test on hosts that are this machine, with a Locust that leaves a run of known truth."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab import settings, topology
from lab.errors import ExitCode, LabError
from lab.lifecycle import Say
from lab.link.control import Links
from lab.link.measure import Check
from lab.load import conditions, drive, session, summary
from lab.load.plan import Plan
from lab.settings import Settings
from link.condition import Condition, Link, to_json
from tests.unit.loadreport.synthetic import Run, even

NAP = "60.73"  # seconds: how our own sleeping programs are told from others
PLAN_OF_LAB = topology.read(settings.defaults())
SLOW = Link(Condition(delay=0.04), Condition(delay=0.04))
# A worker lasts until it is stopped; the judge does what the test says and leaves the run.
LOCUST = """#!/bin/sh
echo "$0 $*" >>"$FAKE/said"
case "$*" in *--worker*) exec sleep {nap} ;; esac
{deed}
"""
LEAVE = 'cp "$FAKE"/run/* "$LAB_RUN_DIR"'


@dataclass
class Machine:
    """This machine as both generators of a lab, with our own `locust` first on its PATH."""

    folder: Path
    judge: str = "judge"
    judge_address: str = "10.10.20.20"
    workers: list[str] = field(default_factory=lambda: ["worker-1", "worker-2"])

    def argv(self, host: str, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
        own = {"PATH": f"{self.folder}:{os.environ['PATH']}", "FAKE": str(self.folder), **env}
        return ["env", *(f"{name}={value}" for name, value in own.items()), *words]

    def locust(self, deed: str) -> None:
        program = self.folder / "locust"
        program.write_text(LOCUST.format(deed=deed, nap=NAP))
        program.chmod(0o755)

    @property
    def started(self) -> bool:
        return (self.folder / "here").exists()

    @property
    def left_behind(self) -> list[Path]:
        return list(self.folder.parent.glob("run-*"))

    @property
    def said(self) -> list[str]:
        return (self.folder / "said").read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(conditions, "of", lambda _: {"commit": "abc1234"})
    monkeypatch.setattr(drive, "TMP", str(tmp_path))
    made = Machine(tmp_path / "machine")
    Run(even(50, 4)).write(made.folder / "run")
    made.locust(LEAVE)
    return made


class Wire:
    """The link supervisor: what the clients' link is, and all that it was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = Link()
        self.left: float | None = None
        self.asked: list[tuple[Link, float | None]] = []
        self.agrees = True
        monkeypatch.setattr("lab.load.link.control.show", lambda _: self.links())
        monkeypatch.setattr("lab.load.link.control.change", self.change)
        monkeypatch.setattr("lab.load.link.Session.compare", lambda *_: [self.check()])

    def links(self) -> Links:
        zone: dict[str, Any] = {"link": to_json(self.now), "commands": [], "seconds_left": self.left}
        return Links({"engine": "netem", "reason": "", "zones": {"clients": zone}, "journal": []})

    def change(self, project: str, zone: str, wanted: Link, seconds: float | None) -> Links:
        assert zone == "clients"
        self.now = wanted
        self.asked.append((wanted, seconds))
        return self.links()

    def check(self) -> Check:
        return Check("round trip", "80.0 ms", "80.1 ms", "± 0.8 ms", self.agrees, 0.0801)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


def loaded() -> Settings:
    return Settings({**settings.defaults(), **dict.fromkeys(settings.PASSWORDS, "a-long-password")})


def run(machine: Machine, plan: Plan, say: Say = lambda _: None) -> Path:
    return session.run(loaded(), PLAN_OF_LAB, plan, say, hosts=machine, runs=machine.folder / "runs")


def test_a_run_leaves_its_folder_and_nothing_on_the_hosts(machine: Machine, wire: Wire) -> None:
    folder = run(machine, Plan("browse", users=7, seconds=4))
    assert folder.name.endswith("-browse")
    found = summary.load(folder)
    assert found["verdict"]["sentence"] == "PASSED: 200 requests, none failed"
    assert found["conditions"]["commit"] == "abc1234"
    assert {path.name for path in folder.iterdir()} >= {
        "requests.csv",
        "run.json",
        "summary.json",
        "locust.log",
    }
    assert not machine.left_behind
    told = "--headless --locustfile browse.py --users 7 --spawn-rate 8.75 --run-time 4s"
    assert machine.said == [f"{machine.folder}/locust {told}"]


def test_options_are_told_to_master_and_workers(
    machine: Machine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.load.plan.shapes", lambda: ["ramp"])
    plan = Plan(
        "browse", "ramp", rate=50, workers=3, via="app1", keep_alive=False, think_time=0.5, arrivals="even"
    )
    past_the_edge: list[Plan] = []

    @contextmanager
    def opened(_: Settings, asked: Plan, __: Say) -> Iterator[None]:
        past_the_edge.append(asked)
        yield

    monkeypatch.setattr("lab.load.direct.opened", opened)
    run(machine, plan)
    assert past_the_edge == [plan]
    same = "--locustfile browse.py,shapes/ramp.py --via app1 --keep-alive off --think-time 0.5"
    same += " --rate 50 --arrivals even"
    there = "--worker --master-host 10.10.20.20 --master-port 5560"
    assert sum(f"{there} {same}" in line for line in machine.said) == 3
    assert sum(f"--headless {same}" in line and "--expect-workers 3" in line for line in machine.said) == 1
    assert not machine.left_behind


class TestLink:
    def test_it_is_set_for_the_run_and_put_back(self, machine: Machine, wire: Wire) -> None:
        wire.now = Link(Condition(loss=0.01))
        folder = run(machine, Plan("browse", seconds=4, link=SLOW))
        assert [one for one, _ in wire.asked] == [SLOW, Link(Condition(loss=0.01))]
        assert wire.asked[0][1] == 304  # should this program die, the link ends by itself
        assert wire.asked[1][1] is None
        seen = summary.load(folder)["conditions"]["link"]
        assert (seen["words"], seen["checks"][0]["measured"]) == ("delay 40 ms", "80.1 ms")

    def test_a_temporary_one_keeps_its_end(self, machine: Machine, wire: Wire) -> None:
        wire.left = 100.0
        run(machine, Plan("browse", seconds=4, link=SLOW))
        assert 1 < (wire.asked[1][1] or 0) < 100

    def test_without_one_nothing_is_touched(self, machine: Machine, wire: Wire) -> None:
        wire.now = SLOW
        folder = run(machine, Plan("browse", seconds=4))
        assert wire.asked == []
        assert summary.load(folder)["conditions"]["link"]["words"] == "delay 40 ms"

    def test_a_link_that_is_not_as_asked_for_stops_the_run(self, machine: Machine, wire: Wire) -> None:
        wire.agrees = False
        with pytest.raises(LabError, match=r"in: round trip: 80.1 ms \(set: 80.0 ms, ± 0.8 ms\)") as refused:
            run(machine, Plan("browse", seconds=4, link=SLOW))
        assert refused.value.exit_code == ExitCode.UNMEASURED
        assert wire.now == Link()
        assert not (machine.folder / "said").exists()

    @pytest.mark.parametrize("deed", ["echo 'no such option' >&2; exit 2", "exit 1"])
    def test_it_is_put_back_after_an_error(self, deed: str, machine: Machine, wire: Wire) -> None:
        machine.locust(deed)
        with pytest.raises(LabError):
            run(machine, Plan("browse", seconds=4, link=SLOW))
        assert wire.now == Link()

    def test_ctrl_c_stops_locust_and_puts_it_back(self, machine: Machine, wire: Wire) -> None:
        machine.locust(f'touch "$FAKE/here"; exec sleep {NAP}')
        with interrupted_when(lambda: still_there() and machine.started), pytest.raises(KeyboardInterrupt):
            run(machine, Plan("browse", seconds=30, link=SLOW, workers=1))
        assert wire.now == Link()
        assert not still_there()
        assert not machine.left_behind

    def test_ctrl_c_while_a_program_starts_stops_that_one_too(
        self, machine: Machine, wire: Wire, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started: list[subprocess.Popen[bytes]] = []

        def interrupted(argv: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
            process: subprocess.Popen[bytes] = popen(argv, **options)  # type: ignore[call-overload]
            if "locust" not in argv:
                return process
            started.append(process)
            raise KeyboardInterrupt

        popen = subprocess.Popen
        monkeypatch.setattr(subprocess, "Popen", interrupted)
        machine.locust(f"exec sleep {NAP}")
        with pytest.raises(KeyboardInterrupt):
            run(machine, Plan("browse", seconds=30, link=SLOW))
        assert wire.now == Link()
        assert [process.wait(20) for process in started] == [-signal.SIGTERM]


class TestRefusals:
    @pytest.mark.parametrize(
        ("plan", "said"),
        [
            (Plan("brows"), "there is no scenario 'brows'; those that there are: "),
            (Plan("../browse"), "there is no scenario '../browse'"),
            (Plan("browse", "zigzag"), "there is no shape 'zigzag'; those that there are: "),
            (Plan("browse", via="app9"), "there is no way (--via) 'app9'; those that there are: edge, app1"),
            (Plan("browse", arrivals="bursty"), "there is no kind of arrivals 'bursty'"),
            (Plan("browse", users=0), "--users 0 is too little; say at least 1"),
            (Plan("browse", rate=0), "--rate 0 makes no load"),
            (Plan("browse", fail_if=("p95>fast",)), "the threshold 'p95>fast' cannot be read"),
        ],
    )
    def test_a_plan_that_cannot_be_run(self, plan: Plan, said: str, machine: Machine, wire: Wire) -> None:
        with pytest.raises(LabError) as refused:
            run(machine, plan)
        assert said in str(refused.value)
        assert refused.value.exit_code == ExitCode.USAGE
        assert not (machine.folder / "said").exists()

    def test_what_locust_refuses(self, machine: Machine, wire: Wire) -> None:
        machine.locust("echo 'Cannot read the users file' >&2; exit 2")
        with pytest.raises(LabError, match="Locust refused the run: Cannot read the users file") as refused:
            run(machine, Plan("browse"))
        assert refused.value.exit_code == ExitCode.USAGE

    def test_a_run_that_breaks_off(self, machine: Machine, wire: Wire) -> None:
        machine.locust("echo 'out of memory'; exit 137")
        with pytest.raises(
            LabError, match=r"exit code 137 and left no run; it said: out of memory"
        ) as refused:
            run(machine, Plan("browse"))
        assert refused.value.exit_code == ExitCode.UNMEASURED

    def test_a_run_that_does_not_end(
        self, machine: Machine, wire: Wire, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drive, "SLACK", -0.5)
        machine.locust(f"exec sleep {NAP}")
        with pytest.raises(LabError, match="had not ended") as refused:
            run(machine, Plan("browse", seconds=1))
        assert refused.value.exit_code == ExitCode.UNMEASURED
        assert not still_there()


def test_two_runs_in_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    assert len({session.new_folder(tmp_path, "browse") for _ in range(3)}) == 3


@contextmanager
def interrupted_when(ready: Callable[[], bool]) -> Iterator[None]:
    """Ctrl-C in this process, as soon as it is ready."""

    def interrupt() -> None:
        deadline = time.monotonic() + 20
        while not ready() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def still_there() -> bool:
    """Whether a program runs on that a host was told to run."""
    return subprocess.run(["pgrep", "-fx", f"sleep {NAP}"], capture_output=True, check=False).returncode == 0
