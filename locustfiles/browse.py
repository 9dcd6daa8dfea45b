"""Browse: an ordinary day at the helpdesk.

Each user is an agent (a student sees only the own tickets). They log in once, then read: page through the
tickets of their departments, filter them by priority or department, search, open one, and now and then file
a new one, with one to three seconds of thought in between.

What it shows: the traffic of a healthy service, nearly all of it reading. A user waits for each answer
before going on (a closed loop), so on a slower network the requests do not only take longer, there are
fewer of them: X = N / (R + Z) for N users who think for Z seconds and wait R seconds for an answer.

Exercises: 4 (latency), 9 (load and queueing), 10 (load balancing and failure).
Run it with:  locust -f browse.py --headless -u 10 -r 2 -t 30s
"""

from locust import between, task

from common.made_up import ISSUES, PRIORITIES, chance, ticket
from common.people import Agent

PAGES_READ = 5  # hardly anybody turns further, and deep pages cost the database more


class Browse(Agent):
    """An agent who looks around."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        """Begin with an empty screen."""
        self.page = 0
        self.on_screen: list[int] = []
        self.desks: list[int] = []

    @task(5)
    def turn_page(self) -> None:
        """Read the next page of the tickets that the agent sees, or the first one again."""
        self.page = self.page % PAGES_READ + 1
        page = self.tickets(page=self.page)
        self.on_screen = page.ids
        if page.is_last:
            self.page = 0

    @task(3)
    def filter_by_priority(self) -> None:
        """Look at the tickets of one priority."""
        self.on_screen = self.tickets("/api/tickets/?priority", priority=chance.choice(PRIORITIES)).ids

    @task(3)
    def filter_by_department(self) -> None:
        """Look at the tickets of one department."""
        self.on_screen = self.tickets("/api/tickets/?department", department=self.a_desk()).ids

    @task(3)
    def search(self) -> None:
        """Look for an issue."""
        self.on_screen = self.tickets("/api/tickets/?search", search=chance.choice(ISSUES)).ids

    @task(7)
    def open_ticket(self) -> None:
        """Open one of the tickets on the screen, if there are any."""
        if not self.on_screen:
            self.turn_page()
        if self.on_screen:
            self.ticket(chance.choice(self.on_screen))

    @task(1)
    def ask_for_help(self) -> None:
        """File a ticket."""
        self.file_ticket(ticket(self.a_desk()))

    def a_desk(self) -> int:
        """Return the id of some department; the user looks them up once."""
        self.desks = self.desks or self.departments()
        return chance.choice(self.desks)
