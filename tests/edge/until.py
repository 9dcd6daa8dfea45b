"""Locustfile beside a scenario: ends the run, what is under way counted, when the file in UNTIL is there."""

import os
from pathlib import Path

import gevent  # type: ignore[import-untyped]
from locust import events
from locust.env import Environment
from locust.runners import Runner


def wait(runner: Runner) -> None:
    """End the run once somebody says so."""
    while not Path(os.environ["UNTIL"]).exists():
        gevent.sleep(0.05)
    runner.quit()


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def begin(environment: Environment, **_: object) -> None:
    """Watch for the file while the run goes."""
    gevent.spawn(wait, environment.runner)
