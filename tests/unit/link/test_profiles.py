"""The profiles: each can be set, is asymmetric where it says so, and names its source."""

from __future__ import annotations

import pytest

from link import profiles
from link.units import ConditionError

NAMES = {
    "lan", "fibre", "dsl", "cable", "lte", "3g", "geo-satellite", "leo-satellite", "lossy-wifi",
    "transatlantic",
}  # fmt: skip


def test_every_profile_is_a_link_with_a_source_and_something_to_see() -> None:
    found = profiles.load()
    assert found.keys() >= NAMES
    for profile in found.values():
        assert profile.link.up
        assert profile.link.down
        assert len(profile.source) > 20
        assert profile.see.endswith(".")


def test_some_links_are_slower_up_than_down() -> None:
    for name in ("dsl", "cable", "3g"):
        link = profiles.get(name).link
        assert link.up
        assert link.down
        assert (link.up.rate or 0) < (link.down.rate or 0)


def test_an_unknown_profile_is_told_which_there_are() -> None:
    with pytest.raises(ConditionError, match="there is no profile 'pigeon'; the profiles are lan, fibre"):
        profiles.get("pigeon")


def test_satellite_is_the_geostationary_one() -> None:
    assert profiles.get("satellite").name == "geo-satellite"
