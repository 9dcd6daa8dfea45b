"""What the site changes of a page, and what it makes from the lab's own files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import paths, settings
from lab.docs import pictures, reference, source
from lab.docs.facts import planned
from lab.errors import LabError

DOCS = paths.ROOT / "docs"
MAKEFILE = (paths.ROOT / "Makefile").read_text()


def changed(text: str, page: str = "concepts/loss.md") -> str:
    return source.changed(text, DOCS / page, DOCS, planned())


def test_an_exercise_that_has_a_page_becomes_a_link() -> None:
    assert changed("see exercise 4.") == "see [exercise 4](../exercises/04-latency.md)."


@pytest.mark.parametrize(
    "text", ["exercise 99", "[exercise 4](elsewhere.md)", "`exercise 4`", "```text\nexercise 4\n```"]
)
def test_no_other_exercise_does(text: str) -> None:
    assert changed(text) == text


def test_a_page_does_not_link_to_itself() -> None:
    assert changed("exercise 4", "exercises/04-latency.md") == "exercise 4"


def test_links_that_leave_the_docs() -> None:
    assert changed("[all](../../README.md)") == "[all](../index.md)"
    assert changed("[rules](../../deploy/firewall)") == "`deploy/firewall/`"
    assert changed("[rules](../../deploy/firewall/router.nft)") == "[rules](../../deploy/firewall/router.nft)"


def test_a_mark_that_names_nothing_is_refused() -> None:
    with pytest.raises(LabError, match="'generated: nothing' names nothing; there are verbs"):
        changed("<!-- generated: nothing -->")


@pytest.mark.parametrize("name", reference.MADE)
def test_what_is_generated_stands_on_one_page(name: str) -> None:
    marked = [page.name for page in DOCS.rglob("*.md") if f"<!-- generated: {name} -->" in page.read_text()]
    assert len(marked) == 1


def test_every_verb_is_in_the_reference() -> None:
    told = re.findall(r"^\| `make ([a-z-]+)` \|", reference.make("verbs", planned()), re.MULTILINE)
    assert told == re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)


def test_every_setting_is_in_the_reference_with_what_it_does() -> None:
    rows = re.findall(
        r"^\| `([A-Z0-9_]+)` \| (.*?) \| (.*?) \|", reference.make("settings", planned()), re.MULTILINE
    )
    assert {name for name, *_ in rows} == set(settings.FORMS)
    shipped = settings.defaults()
    assert {name: value.strip("`").replace("(empty)", "") for name, value, _ in rows} == shipped


def test_every_address_of_the_api_is_in_the_reference() -> None:
    schema = (DOCS / "openapi.yaml").read_text()
    made = reference.make("api", planned())
    assert re.findall(r"^## `(.*)`$", made, re.MULTILINE) == re.findall(r"^  (/.*):$", schema, re.MULTILINE)
    assert set(re.findall(r"\(#(\w+)\)", made)) <= {
        name.lower() for name in re.findall(r"^###? (\w+)$", made, re.MULTILINE)
    }


@pytest.mark.parametrize("name", pictures.DRAWN)
def test_the_pictures_in_git_are_of_the_lab_as_shipped(name: str) -> None:
    """If not: make shapes."""
    kept = (DOCS / f"concepts/pictures/{name}.svg").read_text()
    assert kept == pictures.DRAWN[name](planned())


def test_every_picture_is_on_a_page_and_says_what_it_shows() -> None:
    text = "".join(page.read_text() for page in (DOCS / "concepts").glob("*.md"))
    for name in pictures.DRAWN:
        assert re.search(rf"!\[[^\]]{{30,}}\]\(pictures/{name}\.svg\)", text), name


@pytest.mark.parametrize("page", sorted((DOCS / "concepts").glob("*.md")), ids=lambda page: page.stem)
def test_every_concept_has_a_picture_something_to_try_and_an_exercise(page: Path) -> None:
    text = page.read_text()
    if page.stem == "index":
        assert {other.stem for other in page.parent.glob("*.md")} - {"index"} <= set(text.split())
        return
    assert re.search(r"^!\[", text, re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Try it", "Further"]
    assert re.search(r"[Ee]xercise \d", text.split("## Further")[1])


def test_the_map_has_the_guides_concepts_and_all_twelve_exercises() -> None:
    page = (DOCS / "exercises/map.md").read_text()
    for concept in ("IP addressing", "Port management", "Firewall", "Data packet flow", "Rate limiting"):
        assert concept in page
    for practical in ("Network topology analysis", "Simulated traffic testing", "Security audits"):
        assert f"| **{practical}**" in page
    assert re.findall(r"^\| (\d+) \|", page, re.MULTILINE) == [str(number) for number in range(1, 13)]
    assert {int(number) for number in re.findall(r"exercise (\d+)", page)} == set(range(1, 13))
