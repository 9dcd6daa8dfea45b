"""The report's pictures: measured beside predicted, and how long an exercise took a class."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from lab.load.drawing import BLUE, FAINT, GREEN, ORANGE, RED, chart, style, svg
from lab.results.report import Row
from lab.results.standing import Summary


def against_theory(number: int, rows: Sequence[Row]) -> str:
    """Each row as its share of what was predicted: a bar for the tolerance, a dot for what was measured.

    Rows of different units share one axis so. A row that predicts nothing (0) or has no numbers is left to
    the table; without any other the picture is empty text.
    """
    drawn = [(row, *row.base) for row in rows if row.base and row.base[0]]
    if not drawn:
        return ""
    with style():
        figure, axes = chart(height=0.7 + 0.42 * len(drawn))
        for place, (row, predicted, measured, tolerance) in enumerate(drawn):
            share = abs(tolerance / predicted)
            axes.barh(place, 2 * share, left=1 - share, height=0.5, color=FAINT)
            colour, marker = (GREEN, "o") if row.agrees else (RED, "X")
            axes.plot([measured / predicted], [place], marker, color=colour, markersize=9)
        axes.axvline(1, color=BLUE, linewidth=1.4, linestyle="--")
        axes.set_yticks(range(len(drawn)), [row.what for row, *_ in drawn])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g} %"))
        axes.set_xlabel("measured, of what was predicted")
        told = "; ".join(
            f"{row.what}: {row.predicted} predicted, {row.measured} measured" for row, *_ in drawn
        )
        return svg(figure, f"exercise{number}", told)


def times(summaries: Sequence[Summary]) -> str:
    """A dot for each student's minutes, a line for the median, a diamond for what the exercise plans."""
    drawn = [one for one in summaries if one.minutes]
    if not drawn:
        return ""
    with style():
        figure, axes = chart(height=0.9 + 0.4 * len(drawn), width=9.0)
        for place, one in enumerate(drawn):
            axes.plot(one.minutes, [place] * len(one.minutes), "o", color=BLUE, alpha=0.5, markersize=6)
            axes.plot([one.median or 0.0] * 2, [place - 0.3, place + 0.3], color=RED, linewidth=2.2)
            axes.plot([one.planned], [place], "D", color=ORANGE, markersize=7)
        axes.set_yticks(range(len(drawn)), [f"{one.exercise} {one.title}" for one in drawn])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("minutes from start to pass, breaks included")
        told = "; ".join(
            f"exercise {one.exercise}: {one.median:.0f} minutes, {one.planned} planned" for one in drawn
        )
        return svg(figure, "times", f"Median time to pass. {told}")
