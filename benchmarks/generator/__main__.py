"""What a scenario of the lab can send, against a bare FastHttpUser on the same URL; exit 1 if too little.

Both ask Nginx on loopback for a fixed answer with the headers of the lab's edge: four users on kept-alive
connections, who ask again at once, with the same bytes. One is a LabUser, whose answers are judged and
recorded, with requests.csv written; the other is Locust's FastHttpUser, which looks at nothing. They are two
processes that take turns of a quarter second, PAIRS of them, the order swapped from pair to pair, so that a
busy machine hits both alike. What counts is the ratio within a pair, and its median: of requests a second,
and of requests for each second of processor time. The latter decides how many generators a load needs, and
is the steadier of the two.

nginx is needed (apt-get install nginx-light). Takes about half a minute.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.generator.measurements import PAIRS, Slice, measured
from benchmarks.report import Result, tell

PROMISE = 0.8
COLUMNS = ("lab's user", "bare user", "ratio (quarter below, above)")


def judge(what: str, pairs: Sequence[tuple[Slice, Slice]], figure: Callable[[Slice], float]) -> Result:
    """The ratio of a figure within each pair, and its median."""
    ratios = [figure(lab) / figure(bare) for lab, bare in pairs]
    low, ratio, high = statistics.quantiles(ratios, n=4)
    medians = [statistics.median(map(figure, turns)) for turns in zip(*pairs, strict=True)]
    seen = (*(f"{median:,.0f}" for median in medians), f"{ratio:.2f} ({low:.2f}, {high:.2f})")
    return Result(what, seen, f"≥ {PROMISE}", ratio >= PROMISE)


def results() -> Iterator[Result]:
    """Both figures, of the same turns."""
    with tempfile.TemporaryDirectory() as here:
        pairs = measured(Path(here))
    yield judge("requests a second of processor time", pairs, lambda turn: turn.per_core)
    yield judge("requests a second", pairs, lambda turn: turn.rate)


def main() -> int:
    """Measure, tell, and return the exit code."""
    title = f"Linux {platform.release()}, {PAIRS} alternating pairs of turns, medians"
    return tell(title, COLUMNS, results())


if __name__ == "__main__":
    sys.exit(main())
