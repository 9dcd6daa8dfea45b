"""SVG by matplotlib for an HTML page: text stays text, and its colours are the page's own, light or dark."""

from __future__ import annotations

import io
import re
from contextlib import AbstractContextManager
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

# Drawn in these colours, which nothing else has, and replaced by what the page has for them.
INK, FAINT = "#010203", "#010205"
PAGE_COLOURS = {INK: "currentColor", FAINT: "var(--line)"}
BLUE, ORANGE, GREEN, RED, VIOLET, GREY = "#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#94a3b8"
WIDTH = 7.2  # inches of a chart that is half a page wide
STYLE: dict[Any, Any] = {  # of the many names that matplotlib spells out for mypy
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name with dollar signs is no formula
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.major.size": 0,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "lines.linewidth": 1.8,
    "lines.solid_joinstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 10,
    "font.size": 11,
}


def chart(height: float = 3.2, width: float = WIDTH) -> tuple[Figure, Axes]:
    """An empty chart, of so many inches. Draw it and make it text inside `style()`."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def style() -> AbstractContextManager[None]:
    """The context in which charts are drawn."""
    return mpl.rc_context(STYLE)


def log_times(axis: Axis) -> None:
    """Have an axis show milliseconds, 1, 2 and 5 of each tenfold."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    axis.set_minor_locator(NullLocator())


def svg(figure: Figure, name: str, told: str) -> str:
    """The chart as an <svg> element. `name` keeps its ids apart; `told` is for whoever cannot see it."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # every chart has a figure_1
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px system-ui, sans-serif", text)
    for drawn, shown in PAGE_COLOURS.items():
        text = text.replace(drawn, shown)
    head = f'<svg role="img" aria-label="{escape(told)}"><title>{escape(told)}</title>'
    return re.sub(
        r"<svg ([^>]*)>", lambda found: head.replace("<svg", f"<svg {_size(found[1])}", 1), text, count=1
    )


def _size(attributes: str) -> str:
    """The attributes without a fixed size, so that the page decides."""
    return re.sub(r'\b(width|height)="[^"]*"\s*', "", attributes)


def _short(milliseconds: float) -> str:
    return f"{milliseconds / 1000:g} s" if milliseconds >= 1000 else f"{milliseconds:g} ms"
