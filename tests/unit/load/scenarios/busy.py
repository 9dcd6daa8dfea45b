"""A scenario that spends more processor time than requests, on a generator declared full at 5 %.

It ends once Locust has found the generator full: on a busy machine that may take some seconds.
"""

import time

import gevent  # type: ignore[import-untyped]
import locust.runners
from locust import constant, task

from common.user import LabUser

locust.runners.CPU_MONITOR_INTERVAL = 0.2
locust.runners.CPU_WARNING_THRESHOLD = 5  # of a core: on a busy machine it may not get much more


class Busy(LabUser):
    wait_time = constant(0)

    @task
    def compute(self) -> None:
        if self.environment.runner is not None and self.environment.runner.cpu_warning_emitted:
            gevent.spawn(self.environment.runner.quit)  # which ends the users, this one too
        self.post("/api/token/", {"username": "x", "password": "x"}, dict)
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass
