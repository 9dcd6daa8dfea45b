"""The docs as a student reads them: in a real browser, from the edge with its policy, and as plain files.

Accessibility is what axe-core finds: all of its rules by day, and contrast by night, on every page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from benchmarks.site import free_ports
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from tests import docs_site
from tests.absent import absent

# The menu is the same on every page: it is looked at on the first one.
MENU = ".sidebar-drawer"
ALL: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST = {**ALL, "runOnly": ["color-contrast"]}


@dataclass
class Watched:
    """A browser's window, every address that it asked for, and all that it complained of."""

    page: Page
    asked: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> Watched:
        watched = cls(context.new_page())
        context.on("request", lambda request: watched.asked.add(urlsplit(request.url).netloc))
        context.on("console", watched.hear)
        context.on("weberror", lambda error: watched.complaints.append(str(error.error)))
        return watched

    def hear(self, said: ConsoleMessage) -> None:
        """Keep what the browser itself calls an error: a policy that was broken, a file that is not there."""
        if said.type == "error":
            self.complaints.append(f"{said.text} ({said.page and said.page.url})")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return docs_site.made(tmp_path_factory.mktemp("docs"))


@pytest.fixture(scope="module")
def address(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the edge serves them; it has no replica to ask."""
    directory = tmp_path_factory.mktemp("edge")
    port, nobody = free_ports(2)
    edge = programs.edge(
        port, [nobody], directory, directory, directory / "run", directory / "log", docs=built
    )
    with Supervisor() as supervisor:
        supervisor.start(edge)
        supervisor.wait_until_ready()
        yield f"http://127.0.0.1:{port}/docs/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, to which no name on earth is known."""
    path = shutil.which("chromium")
    if path is None:
        absent("CHROMIUM IS NOT INSTALLED, so the docs are not looked at: apt-get install chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to run as root
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[nowhere, *sandbox])
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Watched]:
    with browser.new_context() as context:
        context.set_default_timeout(30_000)
        yield Watched.of(context)


def found(page: Page, rules: dict[str, Any], *, menu: bool) -> list[str]:
    """What axe-core has against the page that is shown, in words."""
    where = None if menu else {"exclude": [[MENU]]}
    violations = Axe().run(page, context=where, options=rules).response["violations"]
    return [f"{one['id']}: {one['help']}: {node['html']}" for one in violations for node in one["nodes"]]


def test_every_page_is_accessible_and_asks_nobody_else(built: Path, address: str, window: Watched) -> None:
    wrong: dict[str, list[str]] = {}
    pages = sorted(str(path.relative_to(built)) for path in built.rglob("*.html"))
    for name in pages:
        window.page.emulate_media(color_scheme="light")
        window.page.goto(address + name)
        wrong[name] = found(window.page, ALL, menu=name == "index.html")
        window.page.emulate_media(color_scheme="dark")
        wrong[name] += found(window.page, CONTRAST, menu=name == "index.html")
    assert {name: lines for name, lines in wrong.items() if lines} == {}
    assert len(pages) > 30
    assert window.asked == {urlsplit(address).netloc}
    assert window.complaints == []


@pytest.mark.parametrize("name", ["index.html", "reference/settings.html"])
def test_a_small_screen_scrolls_tables_and_not_the_page(address: str, window: Watched, name: str) -> None:
    window.page.set_viewport_size({"width": 400, "height": 800})
    window.page.goto(address + name)
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found(window.page, {**ALL, "runOnly": ["scrollable-region-focusable"]}, menu=False) == []


@pytest.mark.parametrize("served", [True, False], ids=["from the edge", "as files"])
def test_what_is_searched_is_found(address: str, built: Path, window: Watched, served: bool) -> None:
    window.page.goto(address if served else (built / "index.html").as_uri())
    window.page.locator("input[name=q]").fill("Mathis")
    window.page.locator("input[name=q]").press("Enter")
    hits = window.page.locator("#search-results a")
    expect(hits.filter(has_text="Exercise 6: Loss")).to_have_count(1)
    hits.get_by_text("Loss", exact=True).click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Loss", use_inner_text=True)
    assert window.complaints == []
    assert window.asked == {urlsplit(address).netloc if served else ""}


def test_the_colours_stay_as_they_were_chosen(address: str, window: Watched) -> None:
    shown = window.page.locator("body")
    window.page.goto(address)
    window.page.get_by_role("button", name="Toggle Light / Dark / Auto color theme").last.click()
    chosen = shown.get_attribute("data-theme")
    assert chosen in ("light", "dark")
    window.page.goto(f"{address}link.html")
    assert shown.get_attribute("data-theme") == chosen


PLANTS = {
    "image-alt": '<img src="../_static/icon.svg">',
    "color-contrast": '<p style="color: #999; background: #fff">pale</p>',
    "heading-order": "<h5>too deep</h5>",
}


@pytest.mark.parametrize("rule", PLANTS)
def test_a_page_that_shuts_somebody_out_is_found(
    built: Path, address: str, window: Watched, rule: str
) -> None:
    text = (built / "concepts/loss.html").read_text()
    planted = built / "concepts/planted.html"
    planted.write_text(text.replace("<h2>", f"{PLANTS[rule]}<h2>", 1))
    try:
        window.page.goto(f"{address}concepts/planted.html")
        assert {line.partition(":")[0] for line in found(window.page, ALL, menu=False)} == {rule}
    finally:
        planted.unlink()


@pytest.mark.parametrize(
    "plant",
    ['<img alt="" src="http://elsewhere.example/a.png">', "<script>document.title = 'run'</script>"],
    ids=["elsewhere", "a script in the text"],
)
def test_a_page_that_asks_elsewhere_or_has_a_script_in_its_text_is_found(
    built: Path, address: str, window: Watched, plant: str
) -> None:
    (built / "planted.html").write_text(
        f'<!doctype html><link rel="icon" href="data:,"><title>planted</title>{plant}'
    )
    try:
        window.page.goto(f"{address}planted.html", wait_until="load")
        assert "Content Security Policy" in " ".join(window.complaints)
        assert window.page.title() == "planted"
        if "elsewhere" in plant:  # without the policy it would be asked for, and that is seen
            window.page.goto((built / "planted.html").as_uri())
            assert "elsewhere.example" in window.asked
    finally:
        (built / "planted.html").unlink()
