"""The simplest scenario: one GET, over and over. At its end it prints what came of an open loop."""

import json
import os

from locust import constant_pacing, events, task
from locust.env import Environment

from common.openloop import loop
from common.user import LabUser


class Simple(LabUser):
    wait_time = constant_pacing(float(os.environ.get("PACING", "1000")))

    @task
    def ask(self) -> None:
        self.call("GET", "/", name="/", read=dict)


def tell(environment: Environment, **_: object) -> None:
    print("outcome:", json.dumps(loop.outcome(environment)))


events.quitting.add_listener(tell)  # type: ignore[no-untyped-call]
