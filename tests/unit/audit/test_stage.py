"""The throw-away edge: one for all families that look at once, gone when the last has looked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from lab.audit import stage
from lab.audit.door import Door
from lab.audit.model import Site, UnmeasuredError
from lab.audit.stage import Secure

SITE = cast("Site", None)  # the throw-away edge here looks at nothing
SECURE = Secure(Door("10.10.10.1", 47443, "10.10.10.1", tls=True), Path("ca.crt"), False)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens to throw-away edges; HTTPS is off."""
    events: list[str] = []

    @contextmanager
    def throw_away(_: Site) -> Iterator[Secure]:
        events.append("started")
        yield SECURE
        events.append("removed")

    monkeypatch.setattr(stage, "_throw_away", throw_away)
    monkeypatch.setattr("lab.tls.files.is_on", lambda: False)
    return events


def test_families_share_one_and_the_last_removes_it(told: list[str]) -> None:
    with stage.door(SITE) as first:
        with stage.door(SITE) as second:
            assert first is second
        assert told == ["started"]
    assert told == ["started", "removed"]


def test_a_later_family_gets_a_new_one(told: list[str]) -> None:
    for _ in range(2):
        with stage.door(SITE):
            pass
    assert told == ["started", "removed"] * 2


def test_a_family_that_fails_leaves_none_behind(told: list[str]) -> None:
    with pytest.raises(UnmeasuredError), stage.door(SITE):
        raise UnmeasuredError("nothing seen")
    assert told == ["started", "removed"]
