"""The warning before the disk is full."""

from __future__ import annotations

import subprocess

import pytest

from lab import disk
from lab.errors import LabError


def answers(monkeypatch: pytest.MonkeyPatch, printed: str, code: int = 0) -> None:
    monkeypatch.setattr(disk, "exec_argv", lambda *_: ["df"])
    done = subprocess.CompletedProcess(["df"], code, printed, "")
    monkeypatch.setattr(disk, "run", lambda *_, **__: done)


def test_little_room_is_warned_of_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "    Avail    1B-blocks\n104857600 21474836480\n")
    found = disk.nearly_full("lab")
    assert found is not None
    assert found.warning
    assert str(found) == (
        "the database's file system has 100 MiB left of 20,480; on a full one writes are answered 507; "
        "make room on the VM, for instance with: docker image prune"
    )


def test_enough_room_is_not_talked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "Avail 1B-blocks\n1048576000 21474836480\n")
    assert disk.nearly_full("lab") is None


def test_a_lab_that_is_down_has_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> list[str]:
        raise LabError("not running")

    monkeypatch.setattr(disk, "exec_argv", down)
    assert disk.nearly_full("lab") is None
    answers(monkeypatch, "", code=1)
    assert disk.nearly_full("lab") is None
