"""report.html: a run on one page that needs nothing from elsewhere, for the projector and for paper."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lab.load import shares, steady, summary
from lab.load.drive import load_in_words
from lab.load.percentiles import NAN, shown
from lab.load.plan import Plan
from lab.load.records import Records

FILE = "report.html"
VERSIONS = {
    "locust": "Locust",
    "python": "Python (load)",
    "nginx": "Nginx",
    "django": "Django",
    "app_python": "Python (service)",
}


def write(folder: Path, rows: Records) -> Path:
    """Draw the report of a run that has been summed up in its folder; returns the page's path."""
    page = render("report.html", **context(rows, summary.load(folder)))
    (folder / FILE).write_text(page, encoding="utf-8")
    return folder / FILE


def context(rows: Records, found: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows."""
    from lab.load.charts import PART_COLOURS  # see _charts

    return {
        "run": found,
        "measured": found["measured"],
        "conditions": list(_conditions(rows, found)),
        "charts": _charts(rows) if found["measured"]["requests"] else {},
        "parts": shares.PARTS,
        "colours": PART_COLOURS,
    }


def render(template: str, **values: object) -> str:
    """A page from its template."""
    loader = PackageLoader("lab.load")
    there = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    there.filters["ms"] = lambda value: shown(NAN if value is None else value)
    there.filters["percent"] = lambda share: f"{share * 100:.3g} %"
    return there.get_template(template).render(**values)


def _charts(rows: Records) -> dict[str, Markup]:
    from lab.load import charts  # here: it takes a second to import, and most verbs draw nothing

    window = steady.window(rows)
    measured = window.of(rows)
    drawn = {
        "histogram": charts.histogram(measured),
        "percentiles": charts.percentiles(rows, window),
        "throughput": charts.throughput(rows, window),
        "statuses": charts.statuses(rows, window),
        "time_shares": charts.time_shares(measured),
    }
    return {name: Markup(chart) for name, chart in drawn.items()}  # noqa: S704 (ours, its texts escaped)


def _conditions(rows: Records, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Term and value of each condition that is known."""
    there, plan = found["conditions"], found["plan"]
    yield "began", time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(rows.run["began"]))
    yield "load", _load(plan, rows.run)
    if link := there.get("link"):
        yield "clients' link", f"{link['words']} (engine {link['engine']})"
        for check in link["checks"]:
            yield check["what"], f"{check['measured']} measured, {check['set']} set"
    connections = "kept alive" if plan["keep_alive"] else "a new one for each request"
    yield "connections", f"{connections}, to {plan['via']}"
    yield "generators", ", ".join(_generator(worker) for worker in rows.run.get("workers") or []) or "unknown"
    if settings := there.get("settings"):
        yield (
            "service",
            ", ".join(f"{name}={value}" for name, value in settings.items() if name[:5] != "LOAD_"),
        )
    versions = {**rows.run.get("versions", {}), **there.get("versions", {})}
    yield "versions", ", ".join(f"{VERSIONS.get(name, name)} {version}" for name, version in versions.items())
    if "commit" in there:
        yield "checkout", str(there["commit"])


def _load(plan: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    texts = load_in_words(Plan(**{**plan, "link": None, "fail_if": tuple(plan["fail_if"])}))
    if not run.get("rate"):
        return f"{texts}; closed loop: each user waits for the answer"
    return f"{texts}; open loop, {run.get('arrivals')} arrivals: nobody waits for anybody"


def _generator(worker: Mapping[str, Any]) -> str:
    lost = ", LOST" if worker.get("lost") else ""
    cpu = worker.get("cpu_share")
    busy = f"{cpu:.0%} of a core, " if cpu is not None else ""
    return f"{worker['id']} ({busy}{worker['requests']:,} requests{lost})"
