"""Many clients that file tickets at the same moment: none is turned away, and none is lost."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from benchmarks.site import free_ports
from benchmarks.writers import WRITERS, write
from lab.errors import LabError
from tests.absent import absent
from tests.postgres.server import server


def test_sixteen_writers_at_two_replicas_lose_nothing(tmp_path: Path) -> None:
    check(tmp_path)


def test_nor_do_they_on_postgresql(tmp_path: Path) -> None:
    with ExitStack() as there:
        try:
            url = there.enter_context(server())
        except LabError as error:
            absent(f"NO POSTGRESQL CAN BE HAD HERE, SO NOBODY WROTE TO IT ({error})")
        check(tmp_path, url)


def check(directory: Path, url: str = "") -> None:
    tally = write(directory, free_ports(2), seconds=3, url=url)
    assert set(tally.statuses) == {201}
    assert len(tally.acknowledged) >= WRITERS
    assert tally.lost == []
