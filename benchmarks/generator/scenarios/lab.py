"""The same as a scenario of the lab: judged by its JSON, recorded, and never sent twice."""

from locust import constant, task

from benchmarks.generator.scenarios.slices import gate
from common.user import LabUser


class Recorded(LabUser):
    """Somebody who asks again and again."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """Ask."""
        gate.wait()
        self.call("GET", "/healthz", name="/healthz", read=dict)
