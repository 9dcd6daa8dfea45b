"""The supervisor when its engine fails: the old condition is asked for again, and is what it then shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from link.commands import EngineError
from link.condition import Condition, Link
from link.desired import Desired
from link.supervisor import Journal, Supervisor
from link.tc import Command
from link.zone import Zone

ZONE = Zone("clients", "eth1", "10.10.20.0/24", 0, outside=False)
OLD, NEW = Link(Condition(delay=0.04)), Link(Condition(delay=0.02))


class Kernel:
    """An engine that, as netem does, first removes what there was; it may then refuse."""

    name = "netem"

    def __init__(self) -> None:
        self.link: Link | None = None
        self.refuses: list[Link] = []

    async def apply(self, zone: Zone, link: Link) -> None:
        self.link = None
        if link in self.refuses:
            raise EngineError("tc refused")
        self.link = link

    def commands(self, zone: Zone, link: Link) -> list[Command]:
        return []

    async def counters(self, zone: Zone) -> dict[str, Any]:
        return {}

    async def reset(self, zones: Sequence[Zone]) -> None:
        self.link = None


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def desired(tmp_path: Path) -> Desired:
    return Desired(tmp_path / "conditions.json")


def change(kernel: Kernel, desired: Desired, *links: Link) -> Journal:
    """Set the links one after the other; the last one must fail."""
    journal = Journal()

    async def run() -> None:
        supervisor = Supervisor(kernel, "asked for", {"clients": ZONE}, desired, journal)
        for link in links[:-1]:
            await supervisor.set("clients", link, None)
        kernel.refuses += links[-1:]
        with pytest.raises(EngineError, match="tc refused"):
            await supervisor.set("clients", links[-1], None)

    asyncio.run(run())
    return journal


def test_what_the_kernel_refuses_leaves_the_old_link(kernel: Kernel, desired: Desired) -> None:
    journal = change(kernel, desired, OLD, NEW)
    assert kernel.link == OLD
    assert desired.link("clients") == OLD
    assert not journal.entries


def test_an_old_link_that_cannot_be_had_again_is_told(kernel: Kernel, desired: Desired) -> None:
    journal = change(kernel, desired, OLD, OLD)
    assert kernel.link is None
    assert "the old condition could not be put back: tc refused" in journal.entries[-1]["what"]
