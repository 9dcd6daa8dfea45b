"""What the README and the docs say is true: verbs, links, settings, addresses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lab import paths, settings, topology
from ticketing.services import workflow

PAGES = [paths.ROOT / "README.md", *sorted((paths.ROOT / "docs").rglob("*.md"))]
README = PAGES[0].read_text()
MAKEFILE = (paths.ROOT / "Makefile").read_text()
VERBS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def test_the_table_of_verbs_is_the_makefiles() -> None:
    listed = set(re.findall(r"`make ([a-z-]+)`", README.split("## Verbs")[1].split("##")[0]))
    assert listed == VERBS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"(?:`|^\s*)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))
    assert named <= VERBS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_and_variable_that_a_page_gives_a_value_exists(page: Path) -> None:
    variables = set(re.findall(r"\$\(([A-Z_]+)\)", MAKEFILE)) | set(settings.FORMS)
    variables |= set(re.findall(r"\$\(([A-Z_]+):%=", MAKEFILE))
    named = set(re.findall(r"`([A-Z][A-Z_]+)=[^`]*`", page.read_text()))
    assert named <= variables


def test_the_picture_shows_the_topology() -> None:
    plan = topology.read(settings.defaults())
    picture = README.split("```")[1]
    for zone in plan.zones.values():
        assert f"{zone.name} {zone.subnet}" in picture
    for name in ("client", "locust", "app1", "app2", "live", "discord"):
        last_byte = plan.address(name).rpartition(".")[2]
        assert re.search(rf"{name}.*\.{last_byte}\b", picture), f"{name} .{last_byte}"
    assert plan.address("edge") in picture


def test_help_lists_every_verb() -> None:
    printed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"^  make ([a-z-]+)", printed, re.MULTILINE)) == VERBS


def test_the_hosts_that_the_guide_by_hand_names_are_the_settings() -> None:
    hosts = settings.defaults()["ALLOWED_HOSTS"].split(",")
    assert str(hosts).replace("'", '"') in (paths.ROOT / "docs/by-hand.md").read_text()


def test_the_service_page_has_the_transition_map_of_the_code() -> None:
    page = (paths.ROOT / "docs/service.md").read_text()
    any_status = "open|in_progress|on_hold|resolved|closed"
    rows = re.findall(rf"^\| ({any_status}) \| (.*) \|$", page, re.MULTILINE)
    told = {status: set(re.findall(rf"\b(?:{any_status})\b", may)) for status, may in rows}
    assert told == {str(status): {str(one) for one in may} for status, may in workflow.NEXT.items()}
