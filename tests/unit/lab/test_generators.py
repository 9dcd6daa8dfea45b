"""How addresses are spread over the load generators, and what is too much to ask."""

from __future__ import annotations

import pytest

from lab import generators, settings, topology
from lab.errors import ExitCode, LabError
from lab.generators import Generators
from lab.settings import Settings

PLAN = topology.read(settings.defaults())


def defaults() -> Settings:
    return Settings({**settings.defaults(), **dict.fromkeys(settings.PASSWORDS, "a-long-password")})


def test_one_address_each_needs_none_of_the_spare_ones() -> None:
    assert generators._plan_addresses(PLAN, Generators(2, 1, 1)) == [[], [], []]


def test_nobody_gets_anothers_address() -> None:
    each = generators._plan_addresses(PLAN, Generators(3, 1, 20))
    assert [len(own) for own in each] == [19, 19, 19, 19]
    everyone = [address for own in each for address in own]
    assert len(set(everyone)) == len(everyone)
    assert (everyone[0], everyone[-1]) == ("10.10.20.128", "10.10.20.203")


def test_more_than_the_network_has() -> None:
    assert len(generators._plan_addresses(PLAN, Generators(1, 1, 62))[1]) == 61
    with pytest.raises(LabError, match=r"at most 62: make locust ADDRESSES=62") as refused:
        generators._plan_addresses(PLAN, Generators(1, 1, 63))
    assert refused.value.exit_code == ExitCode.USAGE


def test_what_is_given_replaces_the_setting() -> None:
    changed = generators.settings_for(defaults(), 4, None, 20)
    assert generators.wanted(changed) == Generators(4, 1, 20)
    assert str(generators.wanted(changed)) == "4 workers with 1 process and 20 addresses each"
    assert generators.scaling(changed) == ["--scale", "worker=4"]
    assert generators.wanted(defaults()) == Generators(1, 1, 1)
