"""Waiting for the database and for hosts, by a clock that only sleeping moves on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from lab import health, settings, topology
from lab.errors import LabError
from lab.health import HostState

MIGRATE = HostState("0" * 12, "migrate", "running", "", 0, {})


@dataclass
class Clock:
    """Seconds that pass while somebody sleeps."""

    now: float = 5000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(health, "time", made)
    return made


def prepares_for(monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: float, exit_code: int = 0) -> None:
    """The one-shot service runs for so long, and ends."""
    end = clock.now + seconds
    ended = replace(MIGRATE, status="exited", exit_code=exit_code)
    monkeypatch.setattr(health, "states", lambda _: {"migrate": MIGRATE if clock.now < end else ended})


def test_twenty_minutes_for_the_database_are_waited_for(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    prepares_for(monkeypatch, clock, 1200)
    said: list[str] = []
    health.wait_for_database("lab", said.append)
    assert 1200 <= clock.now - 5000 < 1201
    assert said[0] == "still preparing the database (10 s)"
    assert 115 <= len(said) <= 120, "a line every ten seconds"


def test_a_database_that_is_there_at_once_is_not_talked_about(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    prepares_for(monkeypatch, clock, 3)
    said: list[str] = []
    health.wait_for_database("lab", said.append)
    assert said == []


def test_after_half_an_hour_it_says_where_to_look_and_what_to_ask_for(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    prepares_for(monkeypatch, clock, float("inf"))
    with pytest.raises(LabError, match=r"in 30 minutes; see: make logs HOST=migrate, or .*SEED_COUNT"):
        health.wait_for_database("lab", lambda _: None)
    assert 1800 < clock.now - 5000 < 1801


def test_a_failed_preparation_ends_with_its_last_words(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    prepares_for(monkeypatch, clock, 3, exit_code=1)
    monkeypatch.setattr(health, "_said", lambda _: "no space left on device")
    with pytest.raises(LabError, match="migrate failed: no space left on device"):
        health.wait_for_database("lab", lambda _: None)


def test_a_host_that_stays_ill_has_two_minutes(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(health, "states", lambda _: {})
    monkeypatch.setattr(health, "_complaints", lambda hosts, _now: dict.fromkeys(hosts, "no answer"))
    said: list[str] = []
    plan = topology.read(settings.defaults())
    with pytest.raises(LabError, match="host edge did not become healthy: no answer"):
        health.wait("lab", plan, ["edge"], said.append)
    assert 120 < clock.now - 5000 < 121
    assert set(said) == {"still waiting for edge"}
    assert 11 <= len(said) <= 12
