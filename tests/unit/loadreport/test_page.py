"""The report: on one page, needing nothing from elsewhere, whatever the run was like."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from lab.load import page, summary
from lab.load.plan import Plan
from lab.load.records import read
from tests.unit.loadreport.synthetic import Run, even

CONDITIONS: dict[str, Any] = {
    "commit": "abc1234",
    "versions": {"nginx": "1.26.3", "django": "5.2.19"},
    "settings": {"REPLICAS": "2", "LOAD_WORKERS": "1"},
    "link": {"words": "delay 40 ms", "engine": "netem", "checks": [
        {"what": "round trip", "set": "80.0 ms", "measured": "80.1 ms", "agrees": True}]},
}  # fmt: skip


def report(run: Run, folder: Path, plan: Plan | None = None) -> str:
    run.write(folder)
    rows = read(folder)
    summary.write(folder, rows, plan or Plan("browse", seconds=10, fail_if=("p95>300ms",)), CONDITIONS)
    return page.write(folder, rows).read_text()


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    events = [{"at": 5, "what": "worker w2 was lost"}]
    statuses = {3: (429, ""), 4: (0, "no answer: <timed out>")}
    run = Run(
        even(50, 10), statuses=statuses, run={"events": events, "code": 1, "reasons": ["a worker was lost"]}
    )
    return report(run, tmp_path_factory.mktemp("run"))


def test_it_needs_nothing_from_elsewhere(text: str) -> None:
    outline = Outline(text)
    assert not outline.all("script")
    assert not outline.all("link")
    for _, attributes in outline.tags:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in text


def test_whoever_cannot_see_it_is_told(text: str) -> None:
    outline = Outline(text)
    charts = outline.all("svg")
    assert len(charts) == 5
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)
    assert all(heading["scope"] in {"col", "row"} for heading in outline.all("th"))
    assert outline.all("html") == [{"lang": "en"}]


def test_ids_in_one_page_are_unique_and_found(text: str) -> None:
    ids = [value for _, attributes in Outline(text).tags if (value := attributes.get("id"))]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(ids)


def test_charts_are_svg_in_the_colours_of_the_page(text: str) -> None:
    for chart in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ElementTree.fromstring(chart)  # noqa: S314 (ours)
        assert "currentColor" in chart
        assert not re.search(r"#01020\d", chart)


def test_what_it_says(text: str) -> None:
    for said in (
        "FAILED: a worker was lost",
        "worker w2 was lost",
        "no answer: &lt;timed out&gt;",
        "80.1 ms measured, 80.0 ms set",
        "Nginx 1.26.3",
        "REPLICAS=2",
        "abc1234",
        "Little's law holds",
        "make loadtest SCENARIO=browse USERS=20 TIME=10s FAIL_IF=&#39;p95&gt;300ms&#39;",
    ):
        assert said in text
    assert "LOAD_WORKERS" not in text


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (Run(np.array([]), run={"code": 1, "reasons": ["nothing came"]}), "FAILED: nothing came"),
        (Run(np.array([0.5])), "PASSED: 1 requests"),
        (Run(even(50, 10), run={"in_flight": None, "users_over_time": []}), "it had no steady part"),
        (Run(even(50, 10), statuses=dict.fromkeys(range(500), (0, "no answer"))), "500"),
        (
            Run(even(50, 10), run={"rate": 50.0, "arrivals": "even", "open_loop": {
                "planned": 500, "started": 498, "unstarted": 2, "lag_p50_ms": 0.3, "lag_p99_ms": 4.9,
                "users_exhausted": True}}),
            "Of 500 planned arrivals 498 were started and\n2 were not (all users were busy)",
        ),
    ],
    ids=["nothing", "one request", "never steady", "no answers", "open loop"],
)  # fmt: skip
def test_odd_runs(run: Run, said: str, tmp_path: Path) -> None:
    assert said in report(run, tmp_path)
