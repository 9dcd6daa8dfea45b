"""The report's charts, each an <svg> element."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from lab.load import shares
from lab.load.drawing import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    VIOLET,
    WIDTH,
    chart,
    log_times,
    style,
    svg,
)
from lab.load.percentiles import Column, at, shown
from lab.load.records import Records
from lab.load.steady import Window

POINTS = 90  # at most, along the time axis
BINS_PER_TENFOLD = 40  # of the histogram
PART_COLOURS = {
    "connect": VIOLET, "network": BLUE, "nginx": ORANGE, "app": GREEN, "database": "#0f766e", "untold": GREY,
}  # fmt: skip
STATUS_COLOURS = {"2": GREEN, "3": BLUE, "429": ORANGE, "4": "#c026d3", "5": RED, "0": INK}
STATUS_WORDS = {"2": "2xx", "3": "3xx", "429": "429", "4": "other 4xx", "5": "5xx", "0": "no answer"}
LONGEST_NAME = 34  # characters beside the bars


def histogram(rows: Records) -> str:
    """How the response times of the measured part are distributed, on a logarithmic axis."""
    with style():
        figure, axes = chart()
        times = np.maximum(rows.response_ms, 0.1)
        axes.hist(times, bins=_bins(times).tolist(), color=BLUE, alpha=0.75)
        axes.set_xscale("log")
        for percent, colour in ((50.0, GREEN), (95.0, ORANGE), (99.0, RED)):
            axes.axvline(at(times, percent), color=colour, label=f"p{percent:g}  {shown(at(times, percent))}")
        figure.legend(loc="outside upper left", ncols=3)
        log_times(axes.xaxis)
        axes.set(xlabel="response time", ylabel="requests")
        return svg(
            figure, "histogram", f"Histogram of {len(rows)} response times, median {shown(at(times, 50))}"
        )


def percentiles(rows: Records, window: Window) -> str:
    """Median, p95 and p99 of what ended in each stretch of time."""
    with style():
        figure, axes = chart()
        edges = _edges(rows)
        for percent, colour in ((50.0, GREEN), (95.0, ORANGE), (99.0, RED)):
            seen = [at(part, percent) for part in _parts(rows, rows.response_ms, edges)]
            axes.plot(edges[:-1], seen, color=colour, label=f"p{percent:g}")
        axes.set_yscale("log")
        log_times(axes.yaxis)
        _time_axis(axes, rows, window)
        figure.legend(loc="outside upper left", ncols=3)
        return svg(
            figure, "percentiles", "Median, 95th and 99th percentile of the response time over the run"
        )


def throughput(rows: Records, window: Window) -> str:
    """Requests that ended per second, and how many users there were."""
    with style():
        figure, axes = chart()
        edges = _edges(rows)
        ended = np.histogram(rows.ended, edges)[0] / np.diff(edges)
        axes.step(edges[:-1], ended, where="post", color=BLUE, label="requests per second")
        axes.fill_between(edges[:-1], ended, step="post", color=BLUE, alpha=0.15, linewidth=0)
        axes.set_ylim(bottom=0)
        _time_axis(axes, rows, window)
        _users(axes, rows)
        figure.legend(loc="outside upper left", ncols=2)
        return svg(figure, "throughput", "Requests per second and number of users over the run")


def statuses(rows: Records, window: Window) -> str:
    """Status codes per second, stacked."""
    with style():
        figure, axes = chart()
        edges = _edges(rows)
        below = np.zeros(len(edges) - 1)
        for kind, mask in _kinds(rows):
            count = np.histogram(rows.ended[mask], edges)[0] / np.diff(edges)
            axes.bar(edges[:-1], count, np.diff(edges), below, align="edge", color=STATUS_COLOURS[kind],
                     label=f"{STATUS_WORDS[kind]}: {int(mask.sum()):,}", linewidth=0)  # fmt: skip
            below += count
        axes.set_ylabel("per second")
        _time_axis(axes, rows, window)
        figure.legend(loc="outside upper left", ncols=6)
        return svg(figure, "statuses", "Status codes of the answers per second over the run")


def time_shares(rows: Records) -> str:
    """For each name, the mean time of each part, end to end."""
    pairs = sorted(
        set(zip(rows.method, rows.name, strict=True)), key=lambda pair: (pair[1], pair[0]), reverse=True
    )
    means = [
        shares.means(rows.where((rows.method == method) & (rows.name == name))) for method, name in pairs
    ]
    with style():
        figure, axes = chart(1.2 + 0.42 * len(pairs), 2 * WIDTH)
        begin = np.zeros(len(pairs))
        for part, words in shares.PARTS.items():
            width = np.array([one[part] for one in means])
            if width.any():
                axes.barh(range(len(pairs)), width, 0.62, begin, color=PART_COLOURS[part], label=words)
            begin += width
        axes.set_yticks(range(len(pairs)), [_named(*pair) for pair in pairs])
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("mean ms of a request")
        figure.legend(loc="outside upper left", ncols=6)
        told = "; ".join(
            f"{_named(*pair)} {sum(one.values()):.1f} ms" for pair, one in zip(pairs, means, strict=True)
        )
        return svg(figure, "time-shares", f"Where the time went, by request: {told}")


def _bins(times: Column) -> Column:
    """Edges of equal width on the logarithmic axis, around all times."""
    low, high = np.log10(times.min()) - 0.02, np.log10(times.max()) + 0.02
    return np.logspace(low, high, max(12, int((high - low) * BINS_PER_TENFOLD) + 1))


def _edges(rows: Records) -> Column:
    """Whole seconds, or as many of them at a time as keep the chart to its points."""
    end = max(float(rows.ended.max()), 1.0)
    step = max(1.0, np.ceil(end / POINTS))
    return np.arange(0, end + step, step)


def _parts(rows: Records, values: Column, edges: Column) -> Iterator[Column]:
    """The values of the requests that ended between each two edges."""
    place = np.digitize(rows.ended, edges) - 1
    return (values[place == number] for number in range(len(edges) - 1))


def _kinds(rows: Records) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The kinds of status that there were, and which requests had each."""
    for kind in STATUS_WORDS:
        if kind == "429":
            mask = rows.status == 429
        else:
            mask = (rows.status // 100 == int(kind)) & (rows.status != 429)
        if mask.any():
            yield kind, mask


def _time_axis(axes: Axes, rows: Records, window: Window) -> None:
    """Seconds along the bottom; what is not of the measured part is shaded."""
    end = max(float(rows.ended.max()), window.end)
    for begin, until in ((0.0, window.begin), (window.end, end)):
        if until - begin > 0.5:
            axes.axvspan(begin, until, color=FAINT, alpha=0.5, linewidth=0, zorder=0)
    axes.set_xlim(0, end)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel("seconds since the run began")


def _users(axes: Axes, rows: Records) -> None:
    looks = rows.run.get("users_over_time") or []
    if not looks:
        return
    right = axes.twinx()
    right.plot(*zip(*looks, strict=True), color=VIOLET, linestyle=(0, (4, 2)), label="users (right)")
    right.set_ylim(bottom=0, top=1.15 * max(count for _, count in looks) or 1)
    right.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    right.grid(visible=False)


def _named(method: str, name: str) -> str:
    whole = f"{method} {name}"
    return whole if len(whole) <= LONGEST_NAME else f"{whole[: LONGEST_NAME - 1]}…"
