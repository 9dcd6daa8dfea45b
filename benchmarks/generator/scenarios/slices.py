"""Lets a scenario's users run for a slice of time whenever a byte comes, and says what they did in it.

So two generators can take turns many times a second, each a process of its own with all that belongs to it.
"""

from __future__ import annotations

import json
import time

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.os  # type: ignore[import-untyped]
import locust
from locust.env import Environment

SLICE = 0.25  # seconds

gate = gevent.event.Event()  # a user waits at it before each request


def clocks(environment: Environment) -> tuple[int, float, float]:
    """Requests, seconds of processor time, and seconds, all since some beginning."""
    return environment.stats.total.num_requests, time.process_time(), time.perf_counter()


def serve(environment: Environment) -> None:
    """One slice for each byte on standard input; at its end, the end."""
    while gevent.os.tp_read(0, 1):
        before = clocks(environment)
        gate.set()
        gevent.sleep(SLICE)
        gate.clear()
        requests, cpu, wall = (after - at for after, at in zip(clocks(environment), before, strict=True))
        failures = environment.stats.total.num_failures
        print(json.dumps({"requests": requests, "cpu": cpu, "wall": wall, "failures": failures}), flush=True)
    if environment.runner:
        environment.runner.quit()


@locust.events.test_start.add_listener  # type: ignore[untyped-decorator]
def start(environment: Environment, **_: object) -> None:
    """Begin to listen."""
    gevent.spawn(serve, environment)
