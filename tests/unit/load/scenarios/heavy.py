"""A scenario that spends far more processor time than requests."""

import time

from locust import task

from common.user import LabUser


class Heavy(LabUser):
    @task
    def compute(self) -> None:
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass
        self.call("GET", "/", name="/", read=dict)
