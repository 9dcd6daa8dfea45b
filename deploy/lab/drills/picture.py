"""Successes and failures over time, and when something was killed; an <svg> element for the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.drills.recovery import READS
from lab.load.drawing import BLUE, GREEN, INK, ORANGE, RED, chart, log_times, style, svg
from lab.load.percentiles import Column
from lab.load.records import Records

STEP = 0.5  # seconds that are counted together
WIDE = 14.4  # inches


def answers(rows: Records, strikes: Sequence[float]) -> str:
    """Answers a second, those that failed below the axis; `strikes` are seconds since the run began."""
    with style():
        figure, axes = chart(width=WIDE)
        edges = np.arange(0, float(rows.ended.max()) + STEP, STEP)
        reads = np.isin(rows.method.astype(str), READS)
        stacks = ((~rows.failed, 1, (GREEN, BLUE), ""), (rows.failed, -1, (RED, ORANGE), " failed"))
        for mask, sign, colours, word in stacks:
            below: Column = np.zeros(len(edges) - 1)
            for kind, colour, name in zip((reads, ~reads), colours, ("reads", "writes"), strict=True):
                count = sign * np.histogram(rows.ended[mask & kind], edges)[0] / STEP
                total = int((mask & kind).sum())
                axes.bar(edges[:-1], count, STEP, below, align="edge", color=colour, linewidth=0,
                         label=f"{name}{word}: {total:,}")  # fmt: skip
                below += count
        for at in strikes:
            axes.axvline(at, color=INK, linestyle=(0, (4, 2)))
        axes.set(xlabel="seconds since the run began", ylabel="per second", xlim=(0, edges[-1]))
        figure.legend(loc="outside upper left", ncols=4)
        return svg(figure, "answers", f"Successes and failures over time; struck at {_said(strikes)} s")


def times(rows: Records, strikes: Sequence[float]) -> str:
    """How long each read took, by when it was sent."""
    with style():
        figure, axes = chart(width=WIDE)
        reads = rows.where(np.isin(rows.method.astype(str), READS))
        for mask, colour, marker in ((~reads.failed, GREEN, "."), (reads.failed, RED, "x")):
            spent = np.maximum(reads.response_ms[mask], 0.1)
            axes.plot(reads.sent[mask], spent, marker, color=colour, markersize=4, linewidth=0)
        axes.set_yscale("log")
        log_times(axes.yaxis)
        for at in strikes:
            axes.axvline(at, color=INK, linestyle=(0, (4, 2)))
        axes.set(xlabel="seconds since the run began", ylabel="time of a read")
        axes.set_xlim(0, float(rows.ended.max()))
        return svg(figure, "times", f"The time of {len(reads)} reads; struck at {_said(strikes)} s")


def _said(strikes: Sequence[float]) -> str:
    return ", ".join(f"{at:.1f}" for at in strikes)
