"""Somebody who reads one ticket again and again, on the way and with the lateness that the test asks for."""

import json
import os
from time import perf_counter

import locust
from locust import constant, task
from locust.env import Environment

from common import way
from common.people import Agent

OPTIONS = json.loads(os.environ.get("LAB_TEST_OPTIONS", "{}"))
LATE = float(os.environ.get("LAB_TEST_LATE", "0"))
ADDRESSES = os.environ.get("LAB_TEST_ADDRESSES", "127.0.0.1").split(",")
way.own_addresses = lambda target: ADDRESSES  # noqa: ARG005


@locust.events.init.add_listener  # type: ignore[untyped-decorator]
def choose(environment: Environment, **_: object) -> None:
    """Set options as if they came from the command line."""
    vars(environment.parsed_options).update(OPTIONS)


class Reader(Agent):
    wait_time = constant(0.05)
    network_timeout = float(os.environ.get("LAB_TEST_TIMEOUT", "10"))

    @task
    def read(self) -> None:
        self.session.headers()  # whoever is not logged in yet would spend the lateness on it
        if LATE:
            self.intended = perf_counter() - LATE
        self.ticket(1)
