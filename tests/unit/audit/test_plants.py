"""Every check of the audit finds the weakness that was planted for it, and nothing where there is none."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from lab.audit import families
from lab.audit.model import Family, Outcome, Verdict
from tests.unit.audit.planting import Plant

FAMILIES = {family.name: family for family in families.load()}


def plants(name: str) -> Any:  # noqa: ANN401  # a module with CLEAN and PLANTS
    return importlib.import_module(f"tests.unit.audit.plants.{name}")


PLANTED = [(family, plant) for name, family in FAMILIES.items() for plant in plants(name).PLANTS]


def found(outcomes: list[Outcome]) -> dict[str, list[str]]:
    """The checks that did not pass, and where."""
    return {
        outcome.check.id: [finding.where for finding in outcome.findings] or [outcome.reason]
        for outcome in outcomes
        if outcome.verdict is not Verdict.PASSED
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_clean_evidence_passes(name: str) -> None:
    assert found(FAMILIES[name].judge(plants(name).CLEAN)) == {}


@pytest.mark.parametrize(
    ("family", "plant"), PLANTED, ids=[f"{plant.check}: {plant.weakness}" for _, plant in PLANTED]
)
def test_a_planted_weakness_is_found_by_the_check_meant(family: Family[Any], plant: Plant) -> None:
    seen = found(family.judge(plant.evidence))
    assert seen.get(plant.check) == [plant.where]
    assert seen.keys() == {plant.check, *plant.also}


def test_every_check_has_a_plant() -> None:
    checks = {check.id for family in FAMILIES.values() for check in family.checks}
    assert checks == {plant.check for _, plant in PLANTED}


def test_no_two_checks_share_an_id() -> None:
    ids = [check.id for family in FAMILIES.values() for check in family.checks]
    assert sorted(ids) == sorted(set(ids))
