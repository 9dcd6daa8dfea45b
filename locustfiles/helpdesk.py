"""Helpdesk: agents at work, who get in each other's way.

Each user is an agent. Again and again they look at the new tickets that nobody has, open one near the top,
take it, say something on it, and resolve it, with one to three seconds of thought before each step. A change
carries the version of the ticket that the agent has read (If-Match), so that of two who take the same
ticket only the quicker one gets it: the other is answered 412, and looks for another.

What it shows: writing. A change costs the database a transaction that others wait for, and the slower the
network, the older what an agent sees, and the more often a colleague was quicker. Those answers are no
failures, and have rows of their own: `/api/tickets/[id]/ take → 412`.

Exercises: 3 (one request in packets), 4 (latency), 9 (load and queueing).
Run it with:  locust -f helpdesk.py --headless -u 10 -r 2 -t 60s
"""

from collections.abc import Callable

from locust import between, task

from common.answers import Version
from common.made_up import chance
from common.people import Agent

TOP = 5  # everybody looks at the top of the list, so colleagues meet there


class Helpdesk(Agent):
    """An agent who works."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        """Come to work."""
        self.next_step: Callable[[], None] = self.look

    @task
    def work(self) -> None:
        """Do the next thing; begin again with the list after one that is done, lost or went wrong."""
        step, self.next_step = self.next_step, self.look
        step()

    def look(self) -> None:
        """Read the list of new tickets without an agent, and choose one."""
        name = "/api/tickets/?assignee=none"
        found = self.tickets(name, assignee="none", status="open", page_size=TOP, fields="id").ids
        if found:
            self.ticket_id = chance.choice(found)
            self.next_step = self.open

    def open(self) -> None:
        """Read the ticket, unless somebody has it by now."""
        self.seen = self.version(self.ticket_id)
        if self.seen.assignee is None:
            self.next_step = self.take

    def take(self) -> None:
        """Say that it is mine."""
        me = self.session.user()
        self.go_on(self.change(self.seen, "take", assignee=me, status="in_progress"), self.answer)

    def answer(self) -> None:
        """Tell whoever filed it that work has begun."""
        self.comment(self.ticket_id, "We are looking into it.")
        self.next_step = self.resolve

    def resolve(self) -> None:
        """Done; on to the next one."""
        self.change(self.seen, "resolve", status="resolved")

    def go_on(self, changed: Version | None, then: Callable[[], None]) -> None:
        """Go on with the ticket as it is now, if nobody was quicker."""
        if changed is not None:
            self.seen, self.next_step = changed, then
