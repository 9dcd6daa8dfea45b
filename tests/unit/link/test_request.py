"""What `lab link set` asks for: replacing, changing, directions, profiles, time."""

from __future__ import annotations

import pytest

from lab.errors import ExitCode, LabError
from lab.link.request import Request, duration, wanted
from link.condition import Condition, Link
from link.profiles import get

DELAY, LOSS = Condition(delay=0.04), Condition(loss=0.01)
NOW = Link(up=DELAY, down=LOSS)


def test_set_replaces_everything() -> None:
    assert wanted(Request({"delay": "40ms"}), NOW) == Link(DELAY, DELAY)
    assert wanted(Request({"delay": "40ms"}, direction="down"), NOW) == Link(None, DELAY)


def test_modify_keeps_what_is_not_named() -> None:
    both = wanted(Request({"delay": "5ms"}, modify=True), NOW)
    assert both == Link(Condition(delay=0.005), Condition(delay=0.005, loss=0.01))
    assert wanted(Request({"delay": "5ms"}, direction="up", modify=True), NOW).down == LOSS


def test_a_profile_is_the_whole_link_or_one_direction_of_it() -> None:
    dsl = get("dsl").link
    assert wanted(Request({}, profile="dsl"), NOW) == dsl
    assert wanted(Request({}, direction="up", profile="dsl"), NOW) == Link(dsl.up, None)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (Request({}), "nothing is set; add at least one of"),
        (Request({"delay": "40"}), "has no unit"),
        (Request({"delay": "4ms"}, direction="sideways"), "use both, up or down"),
        (Request({"delay": "4ms"}, profile="dsl"), "a profile sets the whole link"),
        (Request({}, profile="warp"), "there is no profile 'warp'; the profiles are"),
        (Request({"delay": "4ms", "jitter": "5ms"}), "lower --jitter"),
    ],
)
def test_mistakes_are_usage_errors(request_: Request, sentence: str) -> None:
    with pytest.raises(LabError) as caught:
        wanted(request_, NOW)
    assert sentence in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE


def test_for_takes_seconds_minutes_and_hours() -> None:
    assert duration(Request({})) is None
    assert [duration(Request({}, lasts=text)) for text in ("60s", "5m", "1h")] == [60, 300, 3600]
    for wrong in ("60", "-5s", "0s", "25h", "soon"):
        with pytest.raises(LabError, match="60s or 5m") as caught:
            duration(Request({}, lasts=wrong))
        assert caught.value.exit_code is ExitCode.USAGE
