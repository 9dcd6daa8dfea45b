from __future__ import annotations

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from ticketing.management.progress import Meter


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


def shown(screen: StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a load leaves that says something every tenth of a second for a minute."""
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with Meter(OutputWrapper(screen)) as meter:
        for tenth in range(601):
            now = tenth / 10
            meter.show(f"{tenth} tickets", None if tenth < 300 else tenth / 600)
    return screen.getvalue()


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(StringIO(), monkeypatch).splitlines()
    assert lines == [
        "  100 tickets",
        "  200 tickets",
        "  300 tickets, 50%",
        "  400 tickets, 67%",
        "  500 tickets, 83%",
        "  600 tickets, 100%",
    ]


def test_a_terminal_has_one_line_twice_a_second_and_none_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(Screen(), monkeypatch)
    assert "\n" not in text
    assert 100 <= text.count("tickets") <= 120
    assert text.endswith("\r\x1b[K")
