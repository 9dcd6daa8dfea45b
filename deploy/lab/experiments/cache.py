"""cache: how many requests Nginx's micro-cache keeps from the app servers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab import theory
from lab.experiments import figures
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope
from lab.load.plan import Plan
from link.condition import Link

RATES = (5, 20, 80, 160)  # arrivals per second
FEW_RATES = (20, 80)
SERIES = {"cache off": "off", "cache on": "on"}
# Seconds that Nginx keeps an answer for: the application says five (Cache-Control: max-age), and Nginx
# compares whole seconds of its clock, so an answer of five seconds is good until the sixth is over.
LIFETIMES = (5.0, 6.0)


def _cells(scope: Scope) -> list[Cell]:
    rates = FEW_RATES if scope.quick else RATES
    return [
        Cell(f"{switch}-{rate}", rate, _plan(rate, scope), {"MICRO_CACHE": switch})
        for switch in SERIES.values()
        for rate in rates
    ]


def _plan(rate: float, scope: Scope) -> Plan:
    seconds = 12.0 if scope.quick else 25.0
    return Plan("anonymous", users=20, rate=rate, seconds=seconds, link=Link())


def _points(done: Sequence[Done], _: Scope) -> list[Point]:
    """The shares of requests that an app server was asked."""
    return [_point(name, one) for name, switch in SERIES.items() for one in done if _switch(one) == switch]


def _switch(one: Done) -> str:
    return one.cell.changes["MICRO_CACHE"]


def _point(name: str, one: Done) -> Point:
    answered = one.rows.where(~one.rows.failed)
    asked = float(np.mean(answered.served_by != "")) if len(answered) else np.nan
    if _switch(one) == "off":
        return Point(name, one.cell.x, asked, one.cell.name, 1.0, 1.0, 1.0)
    most, least = (1 - theory.cache_hits(one.rate, lifetime) for lifetime in LIFETIMES)
    # The steady part may begin just before a fetch or just after one: one more or one less in all.
    edge = 1 / max(1, len(answered))
    return Point(name, one.cell.x, asked, one.cell.name, (least + most) / 2, least - edge, most + edge)


def _conclusion(points: Sequence[Point], done: Sequence[Done], __: Scope) -> str:
    busiest = max(done, key=lambda one: (one.cell.x, _switch(one)))
    other = next(one for one in done if one.cell.x == busiest.cell.x and one is not busiest)
    asked = next(point.measured for point in points if point.cell == busiest.cell.name)
    before, after = (figures.median(figures.answered(one), "were answered") for one in (other, busiest))
    return (
        f"Of {busiest.rate:.0f} requests per second the cache answered {1 - asked:.1%} and left "
        f"{asked * busiest.rate:.2f} per second to the app servers; the median went from {before:.1f} to "
        f"{after:.1f} ms; {figures.kept(points)}."
    )


CACHE = Experiment(
    name="cache",
    question="How many requests does a cache of five seconds keep from the app servers?",
    theory="the app servers get 1 / (1 + λT) of λ requests per second, T being 5 to 6 s by Nginx's clock; "
    "within one request",
    x=Axis("requests per second", logarithmic=True),
    y=Axis("requests that reach an app server", share=True, logarithmic=True),
    cells=_cells,
    points=_points,
    conclusion=_conclusion,
)
