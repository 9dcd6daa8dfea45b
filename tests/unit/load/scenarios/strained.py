"""Generators in trouble: one that always has something to compute, and one whose scenario holds it up."""

import time

from gevent import monkey  # type: ignore[import-untyped]
from locust import constant, task

from common.user import LabUser

sleep = monkey.get_original("time", "sleep")  # of the whole process, not of one user


class Greedy(LabUser):
    wait_time = constant(0)

    @task
    def compute(self) -> None:
        self.post("/api/token/", {"username": "x", "password": "x"}, dict)
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass


class Stuck(LabUser):
    wait_time = constant(0.01)

    @task
    def hold_up(self) -> None:
        self.post("/api/token/", {"username": "x", "password": "x"}, dict)
        sleep(0.2)
