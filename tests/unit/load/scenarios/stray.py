"""A scenario that leaves the lab by itself: with an absolute URL to a host that was never allowed."""

from locust import constant, task

from common.user import LabUser


class Stray(LabUser):
    wait_time = constant(0.5)

    @task
    def wander(self) -> None:
        self.call("GET", str(self.host).replace("127.0.0.1", "localhost"), name="elsewhere", read=dict)
