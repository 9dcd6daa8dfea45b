"""bandwidth-sweep: how long a page of tickets occupies a slow link."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from lab import theory
from lab.experiments import figures
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope, within
from lab.load.percentiles import Column
from lab.load.plan import Plan
from lab.load.records import Records
from link.condition import Condition, Link

RATES = (1.0, 2.0, 5.0, 10.0, 50.0)  # Mbit/s
FEW_RATES = (5.0, 20.0)
TOLERANCE, SHARE = 3.0, 0.05  # ms, or this share of what is predicted: whichever is more
REQUEST, HEADERS = 600, 700  # bytes of a request with its token, and of an answer's headers: 1 % of a page
SECONDS = 8.0


def _cells(scope: Scope) -> list[Cell]:
    """A single user, so that no page waits for another; without a limit the time is the server's own."""
    rates = (inf, *(FEW_RATES if scope.quick else RATES))
    return [Cell(f"{rate:g}mbit" if rate < inf else "no-limit", rate, _plan(rate, scope)) for rate in rates]


def _plan(rate: float, scope: Scope) -> Plan:
    # Its usual queue of 50 packets holds a whole page, so none of them is lost.
    narrow = Condition(rate=rate * 1e6) if rate < inf else None
    seconds = 5.0 if scope.quick else max(SECONDS, 24.0 / rate)
    return Plan("long_pages", users=1, seconds=seconds, think_time=0.05, link=Link(narrow, narrow))


def _points(done: Sequence[Done], _: Scope) -> list[Point]:
    """The median times in ms of a page on a connection that is there already.

    How long a page was at the server is told with it, and so is taken from the cell itself. The wait for the
    answer's headers beyond that is taken from the cell without a limit; not what its body took there, for
    that goes on while a slow link is busy.
    """
    found = [(one.cell, _pages(one.rows)) for one in done]
    fast = next(rows for cell, rows in found if cell.x == inf)
    return [
        _point(cell, rows, figures.median(fast.first_byte_ms - _at_server(fast), "for a page"))
        for cell, rows in found
    ]


def _at_server(rows: Records) -> Column:
    """How long each was at Nginx and behind it until its headers left, in whole ms."""
    return np.nan_to_num(rows.edge_ms)


def _pages(rows: Records) -> Records:
    """The pages among the requests: not the login, and not a short last page."""
    fine = ~rows.failed & np.isnan(rows.connect_ms)
    longest = np.max(rows.bytes_in, where=fine, initial=0.0)
    return rows.where(fine & (rows.bytes_in > longest / 2))


def _point(cell: Cell, rows: Records, outside: float) -> Point:
    measured = figures.median(rows.service_ms, "for a page")
    if cell.x == inf:
        return Point("page", cell.x, measured, cell.name)
    rate = cell.x * 1e6 / 8
    size = float(np.median(rows.bytes_in)) + HEADERS
    link = theory.transfer_time(REQUEST, rate) + theory.transfer_time(size, rate)
    predicted = outside + float(np.median(_at_server(rows))) + 1000 * link
    return Point("page", cell.x, measured, cell.name, predicted, *within(predicted, TOLERANCE, SHARE))


def _conclusion(points: Sequence[Point], done: Sequence[Done], __: Scope) -> str:
    base = next(point.measured for point in points if point.x == inf)
    slowest = min(done, key=lambda one: one.cell.x)
    pages, point = _pages(slowest.rows), next(point for point in points if point.x == slowest.cell.x)
    size, server = float(np.median(pages.bytes_in)) + HEADERS, float(np.median(_at_server(pages)))
    goodput = size * 8e3 / (point.measured - server)
    return (
        f"A page of {size / 1000:.0f} kB took {point.measured:.0f} ms at {slowest.cell.x:g} Mbit/s, "
        f"{server:.0f} ms of them at the server, and {base:.0f} ms without a limit: a goodput of "
        f"{goodput / slowest.cell.x / 1e6:.1%} of the rate (theory: {theory.MSS / theory.FRAME:.1%}); "
        f"{figures.kept(points)}."
    )


BANDWIDTH_SWEEP = Experiment(
    name="bandwidth-sweep",
    question="How long does a page of 200 tickets take on a slow link?",
    theory="time = the server's + bytes on the wire / rate, 1448 of each packet's 1514 bytes being payload; "
    f"within {TOLERANCE:g} ms or {SHARE:.0%}",
    x=Axis("rate of the link, Mbit/s", logarithmic=True),
    y=Axis("median time of a page, ms", logarithmic=True),
    cells=_cells,
    points=_points,
    conclusion=_conclusion,
)
