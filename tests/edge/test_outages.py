"""A disk that fills up, and a database that is locked: what clients are told, and what is kept."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.absent import absent
from tests.edge.desk import served

MIB = 2**20


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 12 MiB."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={12 * MIB}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        absent("NO FILE SYSTEM CAN BE MOUNTED HERE, so a full disk is not tested: run as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while shutil.disk_usage(path.parent).free:
            file.write(bytes(4096))


def error(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    assert (list(answer.json()), found["status"], found["code"]) == (["error"], status, code)
    assert int(answer.headers["Retry-After"]) > 0
    return found


def rows(folder: Path, query: str) -> list[int]:
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [number for (number,) in database.execute(query).fetchall()]


def test_on_a_full_disk_writes_are_answered_507_and_reads_go_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, served(disk) as service:
        first = service.file()
        before = set((disk / "media").rglob("*"))
        fill(disk / "filler")
        answers: list[requests.Response] = []
        while not answers or answers[-1].status_code == 201:  # the write-ahead log has some room of its own
            answers.append(service.file(f"key-{len(answers)}"))
            assert len(answers) < 3000
        acknowledged = [answer.json()["id"] for answer in (first, *answers[:-1])]
        error(answers[-1], 507, "out_of_space")
        error(service.illustrate(first.json()["id"]), 507, "out_of_space")
        assert {path.suffix for path in set((disk / "media").rglob("*")) - before} <= {""}, "no half picture"
        assert service.get("/api/tickets/?page_size=50").status_code == 200
        assert service.get(f"/api/tickets/{acknowledged[-1]}/").status_code == 200
        assert service.get("/readyz").status_code == 200
        (disk / "filler").unlink()
        again = service.file(f"key-{len(answers) - 1}")
        assert again.status_code == 201, "there is room again: nobody has to restart anything"
        assert "Idempotency-Replayed" not in again.headers
        acknowledged.append(again.json()["id"])
        assert service.illustrate(first.json()["id"]).status_code == 200
        stored = rows(disk, "SELECT id FROM ticketing_ticket WHERE name = 'Writer' ORDER BY id")
        events = rows(disk, "SELECT ticket_id FROM ticketing_ticketevent WHERE action = 'created' ORDER BY 1")
        keys = rows(disk, "SELECT count(*) FROM ticketing_idempotencykey")
    assert stored == events == sorted(acknowledged)
    assert keys == [len(answers)]


def test_a_locked_database_is_503_for_writers_and_nothing_for_readers(tmp_path: Path) -> None:
    with served(tmp_path) as service, closing(sqlite3.connect(tmp_path / "db.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        answer = service.file()
        waited = time.monotonic() - begin
        error(answer, 503, "database_away")
        assert waited > 9, "a writer waits its turn before it is turned away"
        assert service.get("/api/tickets/").status_code == 200
        assert service.get("/readyz").status_code == 200
        other.rollback()
        assert service.file().status_code == 201
