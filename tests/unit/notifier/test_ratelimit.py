"""The pacer alone, on times that the test names."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest

from ticketing.discord.ratelimit import MARGIN, NOTHING, Limits, Pacer, Window, read_limits

HIDDEN = Limits(remaining=3, reset_after=1, retry_after=50, ends_in=49.5, hidden=True)


def pacer(sent_before: list[float] | None = None, jitter: float = 0.0) -> Pacer:
    return Pacer(sent_before or [], lambda: jitter)


def send(pacing: Pacer, *times: float) -> None:
    for time in times:
        pacing.answered(time - 0.1, time, NOTHING, taken=True)


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (204, {}, None, Limits()),
        (
            200,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.25", "Retry-After": "9"},
            {"retry_after": 9},
            Limits(0, 1.25),
        ),
        (
            429,
            {"Retry-After": "2", "X-RateLimit-Remaining": "0", "X-RateLimit-Scope": "user"},
            {"retry_after": 1.3, "global": False},
            Limits(0, None, 2, 1.3, hidden=False),
        ),
        (
            429,
            {"Retry-After": "48", "X-RateLimit-Remaining": "4", "X-RateLimit-Scope": "shared"},
            {"retry_after": 47.7},
            Limits(4, None, 48, 47.7, hidden=True),
        ),
        # Before there was a scope, requests that remained were the only sign.
        (429, {"Retry-After": "48", "X-RateLimit-Remaining": "4"}, {}, Limits(4, None, 48, 48, hidden=True)),
        (
            429,
            {"X-RateLimit-Scope": "global"},
            {"retry_after": 0.5, "global": True},
            Limits(None, None, 0.5, 0.5),
        ),
        (429, {"Retry-After": "1.5"}, "<html>", Limits(None, None, 1.5, 1.5)),
        (429, {"Retry-After": "soon", "X-RateLimit-Remaining": "-1"}, {"retry_after": "nan"}, Limits()),
    ],
)
def test_reading_limits(status: int, headers: dict[str, str], body: Any, expected: Limits) -> None:  # noqa: ANN401
    assert read_limits(status, headers, body) == expected


def test_it_waits_until_the_reset_when_nothing_remains() -> None:
    pacing = pacer()
    assert pacing.delay(0) == 0
    pacing.answered(0, 0.1, Limits(remaining=1, reset_after=1.9), taken=True)
    assert pacing.delay(0.1) == 0
    pacing.answered(0.1, 0.2, Limits(remaining=0, reset_after=1.8), taken=True)
    assert pacing.delay(0.2) == pytest.approx(1.8)
    assert pacing.delay(2) == 0


def test_a_429_is_waited_for_with_jitter_and_a_plain_one_teaches_nothing() -> None:
    pacing = pacer(jitter=0.25)
    send(pacing, 1, 2, 3)
    pacing.refused(4, Limits(remaining=0, retry_after=2, ends_in=1.3))
    assert pacing.delay(4) == 2.25
    assert pacing.window is None


def test_a_hidden_429_teaches_the_channels_window() -> None:
    pacing = pacer()
    send(pacing, *range(1, 11))  # the first was posted at 0.9
    pacing.refused(11, HIDDEN)
    assert pacing.window is not None
    assert astuple(pacing.window) == pytest.approx((10, 60.5 - 0.9))
    assert pacing.delay(11) == 50
    send(pacing, *range(61, 71))
    # The eleventh since 61 has to wait for the first of them to leave the window, and so on.
    assert 71 + pacing.delay(71) == pytest.approx(61 + 59.6 + MARGIN)


def test_a_window_that_was_open_before_is_taken_to_be_the_usual_one() -> None:
    pacing = pacer(sent_before=[-40, -29, -28.5])
    send(pacing, 1, 2)
    pacing.refused(3, Limits(retry_after=27.9, ends_in=27.9, hidden=True))
    assert pacing.window == Window(4, 60)  # the last two of before are in the 60 s that end at 30.9


def test_a_429_before_anything_was_sent_teaches_nothing_but_when_the_window_ends() -> None:
    pacing = pacer()
    pacing.refused(0, HIDDEN)
    assert pacing.window is None
    send(pacing, *range(51, 56))
    pacing.refused(56, Limits(retry_after=4, ends_in=4, hidden=True))
    assert pacing.window is not None
    assert astuple(pacing.window) == pytest.approx((5, 60 - 50.9))


def test_a_limit_that_others_made_small_grows_back_to_what_was_learned_but_not_beyond() -> None:
    pacing = pacer()
    send(pacing, *range(1, 11))
    pacing.refused(11, HIDDEN)
    send(pacing, 61, 62)
    pacing.refused(63, Limits(retry_after=58, ends_in=57.5, hidden=True))
    assert pacing.window is not None
    assert pacing.window.limit == 2
    seen = []
    for time in range(121, 1_500, 10):
        send(pacing, time)
        seen.append(pacing.window.limit)
    assert sorted(set(seen)) == list(range(2, 11))
    assert seen[-1] == 10


def test_a_send_that_was_not_taken_is_not_counted() -> None:
    pacing = pacer()
    send(pacing, 1, 2)
    pacing.answered(3, 3, NOTHING, taken=False)
    pacing.refused(4, HIDDEN)
    assert pacing.window is not None
    assert pacing.window.limit == 2


@pytest.mark.parametrize(
    ("messages", "seconds"), [(0, 0), (1, 0), (5, 0), (6, 2), (30, 10), (31, 60), (110, 186)]
)
def test_the_forecast_before_anything_is_known(messages: int, seconds: float) -> None:
    assert pacer().forecast(messages, 1_000) == seconds


def test_the_forecast_with_a_learned_window() -> None:
    pacing = pacer()
    send(pacing, *range(1, 11))
    pacing.refused(11, HIDDEN)
    period = 59.6
    assert pacing.forecast(1, 11) == 50
    assert pacing.forecast(11, 11) == pytest.approx(50 + period)
    send(pacing, *range(61, 71))
    assert pacing.forecast(1, 71) == pytest.approx(61 + period + MARGIN - 71)
    assert pacing.forecast(10, 71) == pytest.approx(70 + period + MARGIN - 71)
    assert pacing.forecast(21, 71) == pytest.approx(61 + 3 * period + MARGIN - 71)


def test_what_other_runs_sent_counts_in_the_learned_window() -> None:
    pacing = pacer()
    send(pacing, *range(1, 11))
    pacing.refused(11, HIDDEN)
    send(pacing, 61, 62)
    pacing.also_sent([61, 62], 63)
    assert pacing.delay(63) == 0
    pacing.also_sent([*range(55, 63), 61.5, 62.5], 63)
    assert 63 + pacing.delay(63) == pytest.approx(55 + 59.6 + MARGIN)


def test_a_window_that_another_run_may_have_opened_is_taken_to_be_the_usual_one() -> None:
    pacing = pacer()
    send(pacing, 1, 2)
    pacing.also_sent([0.5, 1, 2], 3)
    pacing.refused(4, HIDDEN)
    assert pacing.window == Window(3, 60)
