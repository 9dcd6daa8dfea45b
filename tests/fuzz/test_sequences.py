"""Tickets through whole lives, in sequences that nobody thought of, held to what must always be so."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)
from rest_framework.test import APIClient

from tests.fuzz.seeding import CALLERS, token
from ticketing.models import Ticket, TicketEvent
from ticketing.services import workflow

EXAMPLES = os.environ.get("EXAMPLES")
LIST = "/api/tickets/"
PHONE = "555-secret"
people = st.sampled_from([name for name in CALLERS if name != "anonymous"])


def client_of(name: str) -> APIClient:
    client, known = APIClient(), token(name)
    if known:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {known}")
    return client


class Lives(RuleBasedStateMachine):
    """What the service should say of each ticket, beside what it says."""

    tickets = Bundle("tickets")

    def __init__(self) -> None:
        super().__init__()
        self.clients = {name: client_of(name) for name in CALLERS}
        self.trail: dict[int, list[str]] = {}
        self.owner: dict[int, str] = {}
        self.status: dict[int, str] = {}
        self.etag: dict[int, str] = {}
        self.stale: dict[int, str] = {}

    def sees(self, who: str, ticket: int) -> bool:
        """All tickets are filed with the agent's department."""
        return who in ("agent", "instructor") or who == "student" == self.owner[ticket]

    def changed(self, ticket: int, etag: str) -> None:
        assert etag != self.etag[ticket], "a change, and the same ETag"
        self.stale[ticket], self.etag[ticket] = self.etag[ticket], etag
        self.trail[ticket].append("changed")

    @rule(target=tickets, who=st.sampled_from(list(CALLERS)))
    def file(self, who: str) -> int:
        body = {"name": who, "email": "a@example.com", "phone": PHONE, "issue": "x", "department": 1}
        answer = self.clients[who].post(LIST, body)
        assert answer.status_code == 201
        ticket: int = answer.json()["id"]
        self.trail[ticket], self.owner[ticket], self.status[ticket] = ["created"], who, "open"
        self.etag[ticket] = answer.headers["ETag"]
        return ticket

    @rule(ticket=tickets, who=people, issue=st.sampled_from("xyz"))
    def describe(self, ticket: int, who: str, issue: str) -> None:
        done = self.status[ticket] in ("resolved", "closed") and who == "student"
        old = Ticket.objects.get(pk=ticket).issue
        answer = self.patch(ticket, who, {"issue": issue})
        if not self.sees(who, ticket):
            assert answer.status_code == 404
        elif issue == old:
            assert (answer.status_code, answer.headers["ETag"]) == (200, self.etag[ticket])
        elif done:
            assert answer.status_code == 403
        else:
            assert answer.status_code == 200
            self.changed(ticket, answer.headers["ETag"])

    @rule(ticket=tickets, who=people, status=st.sampled_from(Ticket.Status.values))
    def move(self, ticket: int, who: str, status: str) -> None:
        old = self.status[ticket]
        answer = self.patch(ticket, who, {"status": status})
        if not self.sees(who, ticket):
            assert answer.status_code == 404
        elif status == old:
            assert (answer.status_code, answer.headers["ETag"]) == (200, self.etag[ticket])
        elif who == "student":
            assert answer.status_code == 403
        elif status not in workflow.NEXT[Ticket.Status(old)]:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200
            self.status[ticket] = status
            self.changed(ticket, answer.headers["ETag"])

    @rule(ticket=tickets)
    def overtake(self, ticket: int) -> None:
        """Whoever has an old version changes and deletes nothing."""
        if ticket in self.stale:
            instructor, header = self.clients["instructor"], {"if-match": self.stale[ticket]}
            place = f"{LIST}{ticket}/"
            assert instructor.patch(place, {"issue": "lost"}, headers=header).status_code == 412
            assert instructor.delete(place, headers=header).status_code == 412

    @rule(ticket=tickets, who=people, internal=st.booleans())
    def comment(self, ticket: int, who: str, internal: bool) -> None:
        answer = self.clients[who].post(f"{LIST}{ticket}/comments/", {"text": "Hm.", "internal": internal})
        if not self.sees(who, ticket):
            assert answer.status_code == 404
        elif internal and who == "student":
            assert answer.status_code == 403
        else:
            assert answer.status_code == 201
            self.trail[ticket].append("commented")

    @rule(ticket=tickets, who=st.sampled_from(["student", "agent"]))
    def delete_without_leave(self, ticket: int, who: str) -> None:
        assert self.clients[who].delete(f"{LIST}{ticket}/").status_code == 403

    @rule(ticket=consumes(tickets))
    def delete(self, ticket: int) -> None:
        header = {"if-match": self.etag[ticket]}
        assert self.clients["instructor"].delete(f"{LIST}{ticket}/", headers=header).status_code == 204
        self.trail[ticket].append("deleted")
        del self.etag[ticket]

    @invariant()
    def each_change_is_in_the_trail_once(self) -> None:
        for ticket, trail in self.trail.items():
            events = TicketEvent.objects.filter(ticket=ticket).order_by("id")
            assert list(events.values_list("action", flat=True)) == trail

    @invariant()
    def each_sees_what_is_theirs_and_no_more(self) -> None:
        for ticket in self.owner:
            for who, client in self.clients.items():
                answer = client.get(f"{LIST}{ticket}/")
                if ticket in self.etag and self.sees(who, ticket):
                    assert (answer.status_code, answer.headers["ETag"]) == (200, self.etag[ticket])
                else:
                    assert answer.status_code == (401 if who == "anonymous" else 404)
                    assert PHONE not in answer.content.decode()

    def patch(self, ticket: int, who: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - a response
        """With the version that is there: If-Match never stands in the way of who has read it."""
        header = {"if-match": self.etag[ticket]}
        return self.clients[who].patch(f"{LIST}{ticket}/", body, headers=header)


@pytest.mark.usefixtures("_seeded")
def test_whatever_happens_to_a_ticket() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=int(EXAMPLES or 12),
            stateful_step_count=15,
            derandomize=not EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
