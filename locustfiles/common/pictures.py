"""The pictures in docs/shapes, drawn from the functions that the load follows.

Draw them anew with `make shapes`. Load generators have no Matplotlib: this runs where the lab command does.
"""

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from common.levels import LEVELS, steady
from common.openloop.arrivals import CELLS, Load, even, sampled

# The same bytes each time: no random ids, no date, no version, and text that stays text.
SETTINGS: dict[Any, Any] = {"svg.hashsalt": "ticketlab", "svg.fonttype": "none", "font.size": 9}
NO_METADATA = {"Date": None, "Creator": None}
BLUE, ORANGE, RED = "#1f6feb", "#d4a72c", "#cf222e"
# What the picture of coordinated omission shows: a server that serves one request after the other, 20 ms
# each, is asked 40 times a second, and stalls once for a second. Two users ask.
SERVICE, RATE, SECONDS, STALL_AT, STALL, USERS = 0.02, 40.0, 8.0, 80, 1.0, 2


def services(stall_at: int, service: float = SERVICE, stall: float = STALL) -> Iterator[float]:
    """Yield how many seconds the server needs for one request after the other."""
    number = 0
    while True:
        yield service + (stall if number == stall_at else 0.0)
        number += 1


def fifo(arrivals: Iterable[float], needs: Iterator[float]) -> Iterator[float]:
    """Yield when a server that serves one request after the other has answered each, in seconds.

    D. V. Lindley, The theory of queues with a single server, 1952.
    """
    done = 0.0
    for arrival in arrivals:
        done = max(done, arrival) + next(needs)
        yield done


def taken_by_users(arrivals: Iterable[float], needs: Iterator[float]) -> Iterator[tuple[float, float, float]]:
    """Yield when each request was to begin, was sent and was answered, if there are only USERS to send it."""
    free, done = [0.0] * USERS, 0.0
    for arrival in arrivals:
        sent = max(arrival, heapq.heappop(free))
        done = max(done, sent) + next(needs)
        heapq.heappush(free, done)
        yield arrival, sent, done


def paced(needs: Iterator[float]) -> Iterator[tuple[float, float]]:
    """Yield when the requests of a closed loop were sent and answered.

    Each of its USERS sends the next one USERS / RATE seconds after the last, or as soon as that is answered.
    """
    due, done = [user / RATE for user in range(USERS)], 0.0
    while (sent := heapq.heappop(due)) < SECONDS:
        done = max(done, sent) + next(needs)
        heapq.heappush(due, max(done, sent + USERS / RATE))
        yield sent, done


def shape(name: str, axes: Axes) -> None:
    """Draw a level over the run."""
    axes.plot([(cell + 0.5) / CELLS * 100 for cell in range(CELLS)], [100 * x for x in sampled(LEVELS[name])])
    axes.set(xlabel="% of the run", ylabel="% of the peak", xlim=(0, 100), ylim=(0, 105))


def coordinated_omission(axes: Axes) -> None:
    """Draw three stories of the same stall."""
    load = Load(RATE, SECONDS, sampled(steady))
    due, sent, done = zip(*taken_by_users(even(load), services(STALL_AT)), strict=True)
    dots(axes, due, due, done, ".", BLUE, "response time")
    dots(axes, due, sent, done, ".", ORANGE, "service time")
    sent, done = zip(*paced(services(STALL_AT)), strict=True)
    dots(axes, sent, sent, done, "x", RED, "closed loop")
    axes.set(xlabel="when the request was to begin (s)", ylabel="ms", xlim=(0, SECONDS), ylim=(0, None))
    axes.legend(frameon=False)


def dots(
    axes: Axes,
    at: Sequence[float],
    begin: Sequence[float],
    end: Sequence[float],
    marker: str,
    color: str,
    label: str,
) -> None:
    """Draw how many milliseconds lie between `begin` and `end`."""
    took = [1000 * (last - first) for first, last in zip(begin, end, strict=True)]
    axes.plot(at, took, marker, color=color, label=label, markersize=3)


def draw(folder: Path) -> None:
    """Write all of them."""
    for name in LEVELS:
        save(folder / f"{name}.svg", (3.2, 1.8), partial(shape, name))
    save(folder / "coordinated-omission.svg", (6.4, 3.2), coordinated_omission)


def save(path: Path, inches: tuple[float, float], plot: Callable[[Axes], None]) -> None:
    """Write one picture."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=inches, layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        plot(axes)
        figure.savefig(path, metadata=NO_METADATA)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
