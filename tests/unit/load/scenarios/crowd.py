"""Users who do nothing. At the end the scenario prints how many of them there were, one number per change."""

import json

import gevent  # type: ignore[import-untyped]
from locust import constant, events, task
from locust.env import Environment

from common.user import LabUser

seen = [0]


class Idler(LabUser):
    wait_time = constant(0.1)

    @task
    def idle(self) -> None:
        """Only wait."""


def watch(environment: Environment, **_: object) -> None:
    gevent.spawn(count, environment)


def count(environment: Environment) -> None:
    while True:
        assert environment.runner is not None
        if environment.runner.user_count != seen[-1]:
            seen.append(environment.runner.user_count)
        gevent.sleep(0.05)


def tell(**_: object) -> None:
    print("users:", json.dumps(seen))


events.test_start.add_listener(watch)  # type: ignore[no-untyped-call]
events.quitting.add_listener(tell)  # type: ignore[no-untyped-call]
