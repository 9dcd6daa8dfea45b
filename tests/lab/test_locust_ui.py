"""Locust's web UI as a student uses it, in a real browser: choose, start, watch, stop, download."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.absent import absent
from tests.lab.conftest import OVERRIDES, Lab

ADDRESS = f"http://localhost:{OVERRIDES['LOCUST_PORT']}/"
PATIENCE = 30_000  # ms, for what the page shows a few seconds later


@pytest.fixture
def page(lab: Lab) -> Iterator[Page]:
    browser_path = shutil.which("chromium")
    if browser_path is None:
        absent("CHROMIUM IS NOT INSTALLED, so the web UI is not tested: apt-get install chromium")
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=browser_path, args=sandbox)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        shown = context.new_page()
        shown.goto(ADDRESS)
        yield shown
        shown.request.get(f"{ADDRESS}stop")  # also after a test that failed in the middle
        browser.close()


def choose(page: Page, scenario: str) -> None:
    """Leave one user class alone checked."""
    everyone = page.get_by_role("checkbox").first
    everyone.check()  # else, with some checked, unchecking it does nothing
    everyone.uncheck()
    page.get_by_role("row").filter(has_text=scenario).get_by_role("checkbox").check()


def requests_so_far(page: Page) -> int:
    """The number of requests in the last row of the statistics."""
    cells = page.get_by_role("row").filter(has_text="Aggregated").get_by_role("cell")
    return int(cells.nth(2).inner_text().replace(",", ""))


def picture(page: Page) -> str:
    """What the first chart shows."""
    return str(page.locator("canvas").first.evaluate("canvas => canvas.toDataURL()"))


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Let the page go on until the condition holds."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < deadline, page.locator("body").inner_text()
        page.wait_for_timeout(200)


def see_where_the_time_goes(page: Page) -> None:
    shares = page.context.new_page()
    link = page.get_by_role("link", name="Where the time goes").get_attribute("href")
    shares.goto(urljoin(ADDRESS, link))
    chart = shares.get_by_role("img", name="A bar for each kind of request")
    expect(chart).to_contain_text("GET /healthz", timeout=PATIENCE)
    assert chart.locator("rect").count() >= 3  # network, Nginx, application
    shares.close()


def test_all_scenarios_at_once_are_refused(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("clear the box above them, and choose one")).to_be_visible()


def test_a_run_from_start_to_report(page: Page) -> None:
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    choose(page, "Health")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("row").filter(has_text="/healthz")).to_be_visible(timeout=PATIENCE)
    first = requests_so_far(page)
    wait_until(page, lambda: requests_so_far(page) > first)
    page.get_by_role("tab", name="Charts").click()
    expect(page.locator("canvas").first).to_be_visible(timeout=PATIENCE)
    before = picture(page)
    wait_until(page, lambda: picture(page) != before)
    see_where_the_time_goes(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="New")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Download Data").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Download Report").click()
    assert "/healthz" in opened.value.content()
    assert hosts <= {urlsplit(ADDRESS).netloc}, "nothing comes from elsewhere"
