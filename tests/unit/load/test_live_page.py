"""Where the time goes, in Locust's web UI: the figures, the page, and the link to it."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.absent import absent
from tests.unit.load.conftest import SCENARIOS, Locust
from tests.unit.load.stub import Stub
from tests.unit.load.test_runs import free_port, wait_for

TICKET = "/api/tickets/[id]/"
CHROMIUM = Path("/usr/bin/chromium")


def fetch(url: str, form: dict[str, Any] | None = None) -> str:
    sent = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, sent, timeout=5) as answer:
        return str(answer.read().decode())


def answers(url: str) -> bool:
    try:
        return bool(fetch(url))
    except urllib.error.URLError:
        return False


@pytest.fixture
def web_ui(locust: Locust, stub: Stub) -> Iterator[str]:
    """Locust's web UI with a run on, whose answers take 100 ms and say that 60 were Nginx's."""
    stub.delay = 0.1
    stub.headers = {"Server-Timing": "app;dur=40, db;dur=10, edge;dur=60"}
    url = f"http://127.0.0.1:{(port := free_port())}"
    finish = locust.start("-f", str(SCENARIOS / "reader.py"), "--web-port", str(port), "--host", stub.url)
    wait_for(lambda: answers(url))
    fetch(f"{url}/swarm", {"user_count": 3, "spawn_rate": 100, "host": stub.url})
    wait_for(lambda: TICKET in fetch(f"{url}/time-shares.json"))
    yield url
    locust.started[0].send_signal(signal.SIGTERM)
    finish()


@pytest.fixture
def browser_page() -> Iterator[Page]:
    if not CHROMIUM.exists():
        absent("CHROMIUM IS NOT INSTALLED, so the time shares are not looked at: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser.new_page()
        browser.close()


def test_figures(web_ui: str) -> None:
    rows = {row["name"]: row for row in json.loads(fetch(f"{web_ui}/time-shares.json"))}
    assert rows.keys() == {"/api/token/", TICKET}
    part = rows[TICKET]["parts"]
    assert (part["queue"], part["app"], part["db"], part["untold"]) == pytest.approx((20, 30, 10, 0))
    assert sum(part.values()) > 100
    assert rows[TICKET]["requests"] > 0


def test_in_a_browser(web_ui: str, browser_page: Page) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.goto(web_ui)
    browser_page.get_by_role("link", name="Where the time goes").click()
    browser_page.get_by_text(f"GET {TICKET}").wait_for()  # the first row: GET is before POST
    widths = {
        part: float(str(browser_page.locator(f'rect[data-part="{part}"]').nth(0).get_attribute("width")))
        for part in ("queue", "app", "db")
    }
    assert widths["app"] / widths["db"] == pytest.approx(3, rel=0.01)
    assert widths["queue"] / widths["db"] == pytest.approx(2, rel=0.01)
    before = browser_page.locator("text.ms").nth(0).text_content()
    browser_page.wait_for_function(
        "before => document.querySelector('text.ms').textContent !== before", arg=before
    )  # the figures go on
    assert all(url.startswith(web_ui) for url in asked), "nothing comes from elsewhere"
