"""The user classes that scenarios build on: `LabUser`, and `Student` and `Agent`, who are logged in."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypedDict, TypeVar, Unpack

import gevent  # type: ignore[import-untyped]
import locust
from locust import FastHttpUser
from locust.env import Environment
from locust.exception import RescheduleTask

from common import accounts, run, wire
from common.accounts import Account
from common.answers import AnswerError, Page, decoded, department_ids, ticket_id
from common.session import Session

T = TypeVar("T")

wire.make_honest()
run.watch(locust.events)


class Options(TypedDict, total=False):
    """What a request may carry, as `FastHttpSession.request` takes it."""

    json: Mapping[str, str | int]
    params: Mapping[str, str | int]
    headers: dict[str, str]


class LabUser(FastHttpUser):
    """Somebody who sends requests to the lab, one at a time, on one kept-alive connection."""

    abstract = True
    concurrency = 1
    # A redirect would be two requests on the wire and one in the statistics.
    max_redirects = 0
    # Seconds. Short enough that a request into a silent firewall fails within the run (stop-timeout in
    # locust.conf), long enough for two lost SYNs (sent again after 1 and 3 s) and a satellite link.
    connection_timeout = 5.0
    network_timeout = 10.0
    default_headers = {"Accept": "application/json"}  # noqa: RUF012 (Locust declares it for instances)

    @classmethod
    def prepare(cls) -> None:
        """Check that the scenario can run, once in each process, before anything is sent.

        Raises RefusedError if it cannot.
        """

    def stop(self, force: bool = False) -> bool:
        """Let the user end the request under way, then stop; at once if there is none."""
        # Locust kills a user who is only thinking. One whose time is up, but whose wake-up is still in the
        # event loop, would send a request first and be killed in the middle of it: sent and never counted.
        gevent.sleep(0)
        return bool(super().stop(force))

    def call(
        self,
        method: str,
        path: str,
        *,
        name: str,
        read: Callable[[Any], T],
        expected: int = 200,
        **options: Unpack[Options],
    ) -> T:
        """Send one request and return what `read` makes of its JSON; `name` is its row in the statistics.

        An answer with another status, or of another form, counts as a failure and raises RescheduleTask:
        the task ends here, and the user pauses and goes on with the next one.
        """
        with self.client.request(method, path, name=name, catch_response=True, **options) as response:
            try:
                return read(decoded(response, expected))
            except AnswerError as error:
                response.failure(str(error))
            except (IndexError, KeyError, TypeError, ValueError) as error:
                response.failure(f"an answer of another form: {error!r}")
        raise RescheduleTask

    def post(self, path: str, body: Mapping[str, str], read: Callable[[Any], T]) -> T:
        """Post JSON to a path that is its own name in the statistics."""
        return self.call("POST", path, name=path, read=read, json=body)


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
        self.session = Session(self.post, next(self.accounts))

    def tickets(self, name: str = "/api/tickets/", **query: str | int) -> Page:
        """Fetch a page of the tickets that the user sees.

        `page`, `priority`, `department` and `search` narrow it down.
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
