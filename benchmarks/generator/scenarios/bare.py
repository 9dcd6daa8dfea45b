"""The measure: what Locust's own quick user can do."""

from locust import FastHttpUser, constant, task

from benchmarks.generator.scenarios.slices import gate


class Bare(FastHttpUser):
    """Somebody who asks again and again, and looks at nothing."""

    wait_time = constant(0)
    default_headers = {"Accept": "application/json"}  # noqa: RUF012 (Locust declares it for instances)

    @task
    def ask(self) -> None:
        """Ask."""
        gate.wait()
        self.client.get("/healthz")
