"""No program outlives the others, nor us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.dev.supervisor import Program, Supervisor
from lab.errors import LabError
from tests.edge.conftest import wait_until

PARENT_AND_CHILD = "sleep 1000 & echo $! >child; wait"
DEAF = "trap '' TERM; sleep 1000 & echo $! >child; while :; do wait; done"


def shell(directory: Path, script: str, name: str = "test") -> Program:
    return Program(name, ["sh", "-c", script], directory, directory / f"{name}.log")


def child_of(directory: Path) -> int:
    path = directory / "child"
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"), seconds=20)
    return int(path.read_text())


def runs(pid: int) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_programs_and_their_children_are_stopped(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        pid = supervisor.start(shell(tmp_path, PARENT_AND_CHILD))
        child = child_of(tmp_path)
        assert runs(pid)
        assert runs(child)
    assert not runs(pid)
    wait_until(lambda: not runs(child), seconds=20)


def test_a_program_that_will_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.dev.supervisor.GRACE", 0.2)
    with Supervisor() as supervisor:
        pid = supervisor.start(shell(tmp_path, DEAF))
        child = child_of(tmp_path)
    assert not runs(pid)
    wait_until(lambda: not runs(child), seconds=20)


def test_the_first_to_end_is_named_and_the_rest_are_stopped(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        pid = supervisor.start(shell(tmp_path, "exec sleep 1000", name="first"))
        supervisor.start(shell(tmp_path, "echo out of luck; exit 3", name="second"))
        with pytest.raises(LabError, match=r"^second ended, .* is: out of luck$"):
            supervisor.follow()
    assert not runs(pid)


def test_what_a_crashed_program_left_behind_is_stopped(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        pid = supervisor.start(shell(tmp_path, PARENT_AND_CHILD))
        child = child_of(tmp_path)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(LabError):
            supervisor.follow()
        assert runs(child)
    wait_until(lambda: not runs(child), seconds=20)


def test_a_program_that_is_never_ready(tmp_path: Path) -> None:
    program = Program("deaf", ["sleep", "1000"], tmp_path, tmp_path / "log", port=1)
    with Supervisor() as supervisor:
        supervisor.start(program)
        with pytest.raises(LabError, match=r"deaf does not listen on 127\.0\.0\.1:1 after 0 s"):
            supervisor.wait_until_ready(timeout=0.1)


def test_programs_end_when_we_are_killed() -> None:
    """Nobody is left to clean up then: the kernel does it."""
    script = (
        "import sys, pathlib; from lab.dev.supervisor import *\n"
        "supervisor = Supervisor()\n"
        "print(supervisor.start(Program('sleep', ['sleep', '1000'], pathlib.Path('/'))), flush=True)\n"
        "supervisor.follow()\n"
    )
    env = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        wait_until(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n", seconds=20)
        parent.kill()
    wait_until(lambda: not runs(pid), seconds=20)
