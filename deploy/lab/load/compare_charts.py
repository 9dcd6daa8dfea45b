"""The charts of a comparison, each an <svg> element."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.load.drawing import BLUE, GREY, INK, ORANGE, chart, log_times, style, svg
from lab.load.percentiles import Column, at, shown


def differences(rows: Sequence[tuple[str, float, float, float, bool]]) -> str:
    """Differences between two sides as shares, each with its interval; grey where it is within the noise."""
    with style():
        figure, axes = chart(1.0 + 0.36 * len(rows))
        for place, (_, middle, low, high, noise) in enumerate(reversed(rows)):
            colour = GREY if noise else BLUE
            axes.plot([low * 100, high * 100], [place, place], color=colour, linewidth=5, alpha=0.45)
            axes.plot([middle * 100], [place], marker="o", markersize=7, color=colour)
        axes.axvline(0, color=INK, linewidth=1.2)
        axes.set_yticks(range(len(rows)), [name for name, *_ in reversed(rows)])
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("B more than A, in %, with its 95 % interval")
        told = "; ".join(f"{name} {middle:+.1%}" for name, middle, *_ in rows)
        return svg(figure, "differences", f"Difference of B from A: {told}")


def distributions(a: Column, b: Column) -> str:
    """Which share of the requests took at most how long, of both sides."""
    with style():
        figure, axes = chart()
        for times, colour, name in ((a, BLUE, "A"), (b, ORANGE, "B")):
            ranks = np.linspace(0, 100, 400)
            axes.plot([at(times, rank) for rank in ranks], ranks, color=colour, label=name)
        axes.set_xscale("log")
        log_times(axes.xaxis)
        axes.set(xlabel="response time", ylabel="% of requests that took no longer")
        figure.legend(loc="outside upper left", ncols=2)
        return svg(
            figure,
            "distributions",
            f"Distributions of response times, medians {shown(at(a, 50))} and {shown(at(b, 50))}",
        )
