"""The audit's pages: every check is in the table, and every family is in the threat model."""

from __future__ import annotations

import re

import pytest

from lab import paths
from lab.audit import families, table
from lab.audit.model import Check, Family

FAMILIES = families.load()
HEADINGS = re.findall(r"^## (.*)$", (paths.ROOT / "docs/threat-model.md").read_text(), re.MULTILINE)
ANCHORS = {heading.lower().replace(" ", "-") for heading in HEADINGS}


def test_the_table_of_checks_is_the_codes() -> None:
    text = table.PAGE.read_text()
    assert table.BEGIN in text
    assert text == table.page(text, FAMILIES), "run: .venv/bin/python -m lab.audit.table"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_is_a_section_of_the_threat_model(family: Family[object]) -> None:
    assert family.threat in ANCHORS


@pytest.mark.parametrize(
    "check", [check for family in FAMILIES for check in family.checks], ids=lambda check: check.id
)
def test_every_check_says_why_how_to_mend_it_and_what_to_type(check: Check[object]) -> None:
    assert check.why.endswith(".")
    assert check.fix
    assert check.command
    assert not check.title.endswith(".")
