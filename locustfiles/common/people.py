"""People who log in: a `Student`, who sees the own tickets, and an `Agent`, who works on others'."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar, Unpack

from locust.env import Environment

from common import accounts
from common.accounts import Account
from common.answers import Page, Version, department_ids, ticket_id
from common.session import Session
from common.user import LabUser, Options

T = TypeVar("T")


class SignedIn(LabUser):
    """Somebody signed in. Simulated users take turns over those with the role in the users file."""

    abstract = True
    role: ClassVar[str]
    accounts: ClassVar[Iterator[Account]]

    @classmethod
    def prepare(cls) -> None:
        """Read the users file."""
        cls.accounts = itertools.cycle(accounts.having(cls.role))

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        if not hasattr(type(self), "accounts"):
            self.prepare()  # a worker that comes to a run under way has users before anybody prepares them
        self.session = Session(self.post, next(self.accounts))

    def get_ready(self) -> None:
        """Log in."""
        self.session.headers()

    def tickets(self, name: str = "/api/tickets/", **query: str | int) -> Page:
        """Fetch a page of the tickets that the user sees.

        `page`, `page_size`, `priority`, `department`, `search`, `status` and `assignee` narrow it down.
        """
        return self._signed_in("GET", "/api/tickets/", name=name, params=query, read=Page.read)

    def ticket(self, number: int) -> int:
        """Fetch one ticket and return its id."""
        return self._signed_in("GET", f"/api/tickets/{number}/", name="/api/tickets/[id]/", read=ticket_id)

    def departments(self) -> list[int]:
        """Fetch the ids of the departments."""
        return self._signed_in("GET", "/api/departments/", name="/api/departments/", read=department_ids)

    def file_ticket(self, ticket: Mapping[str, str | int]) -> int:
        """Create a ticket and return its id."""
        path = "/api/tickets/"
        return self._signed_in("POST", path, name=path, read=ticket_id, expected=201, json=ticket)

    def version(self, number: int) -> Version:
        """Fetch one ticket, so as to change this version of it."""
        return self.send(
            "GET",
            f"/api/tickets/{number}/",
            name="/api/tickets/[id]/",
            judge=Version.read,
            headers=self.session.headers(),
        )

    def change(self, seen: Version, why: str, **fields: str | int) -> Version | None:
        """Change this version of a ticket, and no other; None if somebody else was quicker.

        `why` tells changes apart in the statistics.
        """
        return self.send(
            "PATCH",
            f"/api/tickets/{seen.ticket}/",
            name=f"/api/tickets/[id]/ {why}",
            judge=Version.read_change,
            json=fields,
            headers={**self.session.headers(), "If-Match": seen.etag},
        )

    def comment(self, number: int, text: str) -> None:
        """Say something on a ticket, for all who see it."""
        path, name = f"/api/tickets/{number}/comments/", "/api/tickets/[id]/comments/"
        self._signed_in("POST", path, name=name, read=dict, expected=201, json={"text": text})

    def _signed_in(
        self,
        method: str,
        path: str,
        *,
        name: str,
        read: Callable[[Any], T],
        expected: int = 200,
        **options: Unpack[Options],
    ) -> T:
        options["headers"] = self.session.headers()
        return self.call(method, path, name=name, read=read, expected=expected, **options)


class Student(SignedIn):
    """A student, who sees only the own tickets."""

    abstract = True
    role = "student"


class Agent(SignedIn):
    """An agent, who sees the tickets of the departments that they work for."""

    abstract = True
    role = "agent"
