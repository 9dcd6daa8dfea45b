"""Many clients that file tickets at the same moment: none is turned away, and none is lost."""

from __future__ import annotations

from pathlib import Path

from benchmarks.site import free_ports
from benchmarks.writers import WRITERS, write


def test_sixteen_writers_at_two_replicas_lose_nothing(tmp_path: Path) -> None:
    tally = write(tmp_path, free_ports(2), seconds=3)
    assert set(tally.statuses) == {201}
    assert len(tally.acknowledged) >= WRITERS
    assert tally.lost == []
