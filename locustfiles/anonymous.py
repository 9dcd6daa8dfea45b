"""Anonymous: visitors who all ask for the same.

Each user reads the list of departments without having logged in, as the form for a new ticket does.

What it shows: a cache. The answer is the same for everybody, so Nginx (MICRO_CACHE) gives it again for the
five seconds that the application allows: X-Cache says HIT, X-Served-By is empty since no app server is asked,
and the median is Nginx's alone. However many come, the app servers get one request in five seconds.

Exercises: 9 (load and queueing), 10 (load balancing and failure), 11 (measuring honestly).
Run it with:  locust -f anonymous.py --headless -u 20 -r 10 -t 30s
"""

from locust import between, task

from common.answers import department_ids
from common.user import LabUser


class Anonymous(LabUser):
    """Somebody of whom nothing is known."""

    wait_time = between(0.5, 1.5)

    @task
    def read_departments(self) -> None:
        """Read the departments."""
        self.call("GET", "/api/departments/", name="/api/departments/", read=department_ids)
