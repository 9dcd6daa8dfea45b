"""A comparison in the terminal, and as a page in runs/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from markupsafe import Markup
from rich.table import Table

from lab.load import page
from lab.load.compare import Comparison, Figure, sentence, shown
from lab.load.percentiles import Column

COLOURS = {True: "dim", False: "bold"}  # within the noise or beyond it


def table(found: Comparison) -> Table:
    """Each figure of both sides, the difference with its interval, and whether it is noise."""
    drawn = Table(box=None, pad_edge=False)
    for number, name in enumerate(("", "A", "B", "B - A", "95 % interval", "")):
        drawn.add_column(name, justify="right" if 0 < number < 5 else "left")
    for one in found.figures:
        drawn.add_row(*cells(one), style=COLOURS[one.interval.noise])
    return drawn


def lines(found: Comparison) -> Iterator[str]:
    """What is said around the table."""
    yield f"A: {found.a.name}"
    yield f"B: {found.b.name}"
    for name, a, b in found.conditions:
        yield f"  {name}: {a} in A, {b} in B"
    if not found.conditions:
        yield "  under the same conditions"


def cells(one: Figure) -> list[str]:
    """A figure's row: name, both values, difference, interval, verdict."""
    interval = one.interval
    relative = "" if one.relative is None else f" ({one.relative:+.1%})"
    return [
        one.name,
        shown(interval.a, one),
        shown(interval.b, one),
        f"{_signed(interval.b - interval.a, one)}{relative}",
        f"{_signed(interval.low, one)} to {_signed(interval.high, one)}",
        one.verdict,
    ]


def write(found: Comparison, runs: Path) -> Path:
    """Write the page into `runs`; returns its path."""
    from lab.load import compare_charts  # here: it takes a second to import

    drawn = {
        "differences": compare_charts.differences(_relative(found)),
        "distributions": compare_charts.distributions(*_times(found)),
    }
    text = page.render(
        "compare.html",
        found=found,
        sentence=sentence(found),
        rows=[(cells(one), one.interval.noise) for one in found.figures],
        charts={name: Markup(chart) for name, chart in drawn.items()},  # noqa: S704 (ours, its texts escaped)
    )
    file = runs / f"compare-{_short(found.a.folders)}-{_short(found.b.folders)}.html"
    file.write_text(text, encoding="utf-8")
    return file


def _signed(value: float, figure: Figure) -> str:
    text = shown(value, figure)
    return text if value < 0 else f"+{text}"


def _relative(found: Comparison) -> list[tuple[str, float, float, float, bool]]:
    """Name, difference and interval as shares of A, and whether it is noise; of the figures that A has."""
    return [
        (
            one.name,
            one.relative,
            one.interval.low / one.interval.a,
            one.interval.high / one.interval.a,
            one.interval.noise,
        )
        for one in found.figures
        if one.relative is not None
    ]


def _times(found: Comparison) -> list[Column]:
    return [np.concatenate([run.rows.response_ms for run in side.measured]) for side in (found.a, found.b)]


def _short(folders: tuple[Path, ...]) -> str:
    more = f"+{len(folders) - 1}" if len(folders) > 1 else ""
    return f"{folders[0].name}{more}"
