"""The pictures of the concepts, from the topology, the firewall's intent and the formulas of `lab.theory`.

Those in docs/concepts/pictures are of the lab as shipped (`make shapes` draws them anew); the site has the
same of the lab that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.diagram import svg
from lab.docs.facts import Facts
from lab.docs.pictures import chains, charts, ladder, matrix

DRAWN: dict[str, Callable[[Facts], str]] = {
    "routes": chains.routes,
    "ports": chains.ports,
    "round-trips": ladder.round_trips,
    "window": lambda _: charts.window(),
    "loss": lambda _: charts.loss(),
    "firewall": matrix.firewall,
    "proxy": chains.proxy,
    "bucket": lambda _: charts.bucket(),
    "queue": lambda _: charts.queue(),
    "walls": chains.walls,
}


def of_this_lab(facts: Facts) -> dict[str, str]:
    """Every picture that shows the lab, by its file's name."""
    drawn = {f"{name}.svg": draw(facts) for name, draw in DRAWN.items()}
    return {"topology.svg": svg.render(facts.picture), **drawn}
