"""Wishes, their end, and their file."""

from __future__ import annotations

from pathlib import Path

import pytest

from link.condition import Condition, Link
from link.desired import Desired
from link.units import ConditionError

SLOW = Link(up=Condition(delay=0.1))
SLOWER = Link(up=Condition(delay=0.2))
LOSSY = Link(up=Condition(loss=0.1))


@pytest.fixture
def desired(tmp_path: Path) -> Desired:
    return Desired(tmp_path / "conditions.json")


def test_a_lasting_wish_never_expires(desired: Desired) -> None:
    desired.set("clients", SLOW, now=0)
    assert desired.next_expiry() is None
    assert desired.expire(now=1e9) == []
    assert desired.link("clients") == SLOW


def test_a_temporary_wish_gives_way_to_the_lasting_one(desired: Desired) -> None:
    desired.set("clients", SLOW, now=0)
    desired.set("clients", LOSSY, now=10, seconds=60)
    desired.set("clients", SLOWER, now=20, seconds=60)
    assert desired.next_expiry() == 80
    assert desired.seconds_left("clients", now=50) == 30
    assert desired.expire(now=79) == []
    assert desired.expire(now=80) == ["clients"]
    assert desired.link("clients") == SLOW


def test_the_end_of_a_temporary_wish_can_be_moved_and_a_lasting_one_has_none(desired: Desired) -> None:
    desired.set("clients", SLOW, now=0)
    desired.end_in("clients", now=5, seconds=10)
    assert desired.next_expiry() is None
    desired.set("clients", LOSSY, now=10, seconds=60)
    desired.end_in("clients", now=20, seconds=60)
    assert desired.next_expiry() == 80
    desired.expire(now=80)
    desired.end_in("clients", now=90, seconds=60)
    assert (desired.link("clients"), desired.next_expiry()) == (SLOW, None)


def test_without_one_before_nothing_is_left(desired: Desired) -> None:
    desired.set("clients", SLOW, now=0, seconds=5)
    desired.expire(now=5)
    assert not desired.link("clients")
    assert desired.zones() == []


def test_a_cleared_zone_is_forgotten(desired: Desired) -> None:
    desired.set("clients", SLOW, now=0)
    desired.set("clients", Link(), now=1)
    assert desired.zones() == []


def test_a_successor_finds_the_wishes(tmp_path: Path) -> None:
    file = tmp_path / "conditions.json"
    first = Desired(file)
    first.set("clients", SLOW, now=0)
    first.set("clients", LOSSY, now=0, seconds=60)
    second = Desired(file)
    second.load()
    assert second.link("clients") == LOSSY
    second.expire(now=60)
    assert second.link("clients") == SLOW
    assert [path.name for path in tmp_path.iterdir()] == ["conditions.json"]


def test_a_refused_wish_can_be_taken_back(desired: Desired) -> None:
    desired.set("clients", SLOW, now=0, seconds=60)
    before = desired.wish("clients")
    desired.set("clients", LOSSY, now=1)
    desired.restore("clients", before)
    assert desired.link("clients") == SLOW
    assert desired.next_expiry() == 60


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "conditions.json").write_text('{"clients": {"link": 5}}')
    with pytest.raises(ConditionError, match=r"conditions\.json"):
        Desired(tmp_path / "conditions.json").load()
