"""An experiment in one picture: what was measured as dots, what was predicted as a line in its bounds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import inf, isfinite
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from lab.experiments import figures
from lab.experiments.model import Axis, Experiment, Point

# Told apart in print and by the colour-blind, too: each series has its marker.
LOOKS = (("#0f766e", "o"), ("#1d4ed8", "s"), ("#b45309", "^"), ("#6d28d9", "D"), ("#be123c", "v"))
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ticketlab",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#64748b",
    "axes.grid": True,
    "grid.color": "#e2e8f0",
}


def svg(experiment: Experiment, points: Sequence[Point]) -> str:
    """The picture as an SVG element, the same for the same points."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.4, 4.8), layout="constrained")
        axes = figure.add_subplot()
        drawn = [point for point in points if isfinite(point.x)]
        for name, (colour, marker) in zip(figures.names(drawn), LOOKS, strict=False):
            _series(axes, name, figures.of(name, drawn), colour, marker)
        _scale(axes, experiment, drawn)
        axes.legend(frameon=False, fontsize=10)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _series(axes: Axes, name: str, points: Sequence[Point], colour: str, marker: str) -> None:
    judged = [point for point in points if point.predicted is not None]
    if judged:
        _prediction(axes, name, points, judged, colour)
    for group, fill in ((judged, colour), ([one for one in points if one.predicted is None], "white")):
        label = f"{name}: measured" if fill == colour or not judged else None
        xs, ys = [one.x for one in group], [one.measured for one in group]
        axes.plot(xs, ys, marker, color=colour, markerfacecolor=fill, markersize=7, label=label)
    wrong = [point for point in points if not point.agrees]
    axes.plot([one.x for one in wrong], [one.measured for one in wrong], "x", color="#111827", markersize=11)


def _prediction(axes: Axes, name: str, points: Sequence[Point], judged: Sequence[Point], colour: str) -> None:
    """A line through what was predicted, from the point that it was calibrated with; its bounds as a band."""
    bound = judged[0].low == -inf
    line = [one.measured if one.predicted is None else one.predicted for one in points]
    kind = "bound" if bound else "predicted"
    axes.plot([one.x for one in points], line, "--", color=colour, linewidth=1.4, label=f"{name}: {kind}")
    if not bound:
        xs, lows, highs = zip(*((one.x, one.low, one.high) for one in judged), strict=True)
        axes.fill_between(xs, lows, highs, color=colour, alpha=0.13, linewidth=0)


def _scale(axes: Axes, experiment: Experiment, points: Sequence[Point]) -> None:
    for side, axis in ((axes.xaxis, experiment.x), (axes.yaxis, experiment.y)):
        side.set_label_text(axis.label)
        if axis.logarithmic:
            getattr(axes, f"set_{side.axis_name}scale")("log")
        side.set_major_formatter(PercentFormatter(1, None) if axis.share else FuncFormatter(_plain))
    _ticks(axes, experiment.x, sorted({point.x for point in points}))
    if not experiment.y.logarithmic:
        axes.set_ylim(bottom=0)


def _ticks(axes: Axes, axis: Axis, xs: list[float]) -> None:
    """A tick where something was measured."""
    axes.set_xticks(xs)
    if axis.logarithmic:
        axes.xaxis.set_minor_locator(NullLocator())


def _plain(value: float, _: int) -> str:
    return f"{value:,g}"
