"""Events are told in order, whatever order the database shows them in."""

from __future__ import annotations

from itertools import permutations

import pytest

from ticketing.live import timeline
from ticketing.live.events import Event
from ticketing.live.timeline import Timeline, Told

SOON, LATER = timeline.PATIENCE - 0.1, timeline.PATIENCE + 0.1


def events(*ids: int) -> list[Event]:
    return [Event(event_id, department=1, owner=None, internal=False, data=b"{}") for event_id in ids]


def told(found: list[Told]) -> list[tuple[int, bool]]:
    return [(item.event.id, item.late) for item in found]


def in_order(*ids: int) -> list[tuple[int, bool]]:
    return [(event_id, False) for event_id in ids]


def test_events_without_a_gap_are_told_at_once() -> None:
    line = Timeline(10)
    assert told(line.see(events(11, 12, 13), 0.0)) == in_order(11, 12, 13)
    assert line.position == 13


def test_an_event_behind_a_gap_waits_for_it() -> None:
    line = Timeline(10)
    assert told(line.see(events(11, 13), 0.0)) == in_order(11)
    assert line.position == 11
    assert told(line.see([], SOON)) == []
    assert told(line.see(events(12), SOON)) == in_order(12, 13)


def test_it_does_not_wait_for_ever_and_the_gap_is_told_late() -> None:
    line = Timeline(10)
    line.see(events(12, 14), 0.0)
    assert told(line.see(events(15), LATER)) == in_order(12, 14, 15)
    assert told(line.see(events(13), LATER)) == [(13, True)]
    assert told(line.see(events(16, 11), LATER)) == [(11, True), *in_order(16)]
    assert line.missing == {}


def test_a_later_gap_does_not_wait_less_for_an_earlier_one() -> None:
    line = Timeline(10)
    line.see(events(12), 0.0)
    line.see(events(14), SOON)
    assert told(line.see([], LATER)) == in_order(12)
    assert told(line.see([], SOON + LATER)) == in_order(14)


def test_what_was_told_is_not_told_again() -> None:
    line = Timeline(10)
    line.see(events(11, 12), 0.0)
    assert told(line.see(events(11, 12), 1.0)) == []


def test_an_id_that_was_taken_back_is_forgotten() -> None:
    line = Timeline(10)
    line.see(events(12), 0.0)
    line.see([], timeline.MEMORY)
    assert set(line.missing) == {11}
    line.see([], timeline.MEMORY + 0.1)
    assert not line.missing


def test_what_is_missing_stays_few() -> None:
    line = Timeline(0)
    line.see(events(10**6), 0.0)
    line.see(events(2 * 10**6), 0.0)
    assert len(line.missing) == timeline.MOST_MISSING
    assert max(line.missing) == 2 * 10**6 - 1


def test_what_was_missing_at_the_start_comes_late() -> None:
    line = Timeline(10, missing=[8])
    assert told(line.see(events(8, 11), 0.0)) == [(8, True), *in_order(11)]


@pytest.mark.parametrize("order", list(permutations(range(1, 6))))
def test_every_order_of_commits_becomes_that_of_the_ids(order: tuple[int, ...]) -> None:
    line = Timeline(0)
    seen = [item for event_id in order for item in told(line.see(events(event_id), 0.0))]
    assert seen == in_order(1, 2, 3, 4, 5)
