"""The audit trail: complete, in the same transaction, and for the right eyes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.models import Comment, Department, IdempotencyKey, Ticket, TicketEvent

MakeTicket = Callable[..., Ticket]
pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"


def trail(user: User, ticket_id: int) -> list[dict[str, Any]]:
    answer = client_of(user).get(f"{LIST}{ticket_id}/events/")
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def test_who_what_old_new_and_in_which_request(
    student: User, agent: User, filed: dict[str, object], elsewhere: Department
) -> None:
    created = client_of(student).post(LIST, filed, headers={"x-request-id": "request-1"})
    number = created.json()["id"]
    wanted = {"status": "in_progress", "assignee": agent.pk, "department": elsewhere.pk, "issue": "Bug"}
    client_of(agent).patch(f"{LIST}{number}/", wanted, headers={"x-request-id": "request-2"})
    first, second = trail(agent, number)
    assert (first["action"], first["actor"], first["actor_name"]) == ("created", student.pk, "student")
    assert (first["changes"], first["request_id"]) == ({}, "request-1")
    assert (second["action"], second["actor_name"], second["request_id"]) == ("changed", "agent", "request-2")
    assert second["changes"] == {
        "status": ["open", "in_progress"],
        "assignee": [None, agent.pk],
        "department": [filed["department"], elsewhere.pk],
    }
    assert first["at"] < second["at"]


def test_the_anonymous_leave_a_trail_without_a_name(instructor: User, filed: dict[str, object]) -> None:
    number = APIClient().post(LIST, filed).json()["id"]
    (event,) = trail(instructor, number)
    assert (event["actor"], event["actor_name"]) == (None, None)


def test_internal_events_are_not_for_students(student: User, agent: User, make_ticket: MakeTicket) -> None:
    number = make_ticket(user=student).pk
    for internal in (True, False):
        client_of(agent).post(f"{LIST}{number}/comments/", {"text": "x", "internal": internal})
    assert [event["internal"] for event in trail(agent, number)] == [True, False]
    assert [event["internal"] for event in trail(student, number)] == [False]


def test_a_deleted_tickets_trail_stays_for_those_who_saw_it(
    student: User, other_student: User, agent: User, instructor: User, make_ticket: MakeTicket
) -> None:
    number = make_ticket(user=student).pk
    client_of(instructor).delete(f"{LIST}{number}/")
    for user in (student, agent, instructor):
        assert [event["action"] for event in trail(user, number)] == ["deleted"]
    assert client_of(other_student).get(f"{LIST}{number}/events/").status_code == 404


def test_a_ticket_that_went_elsewhere_takes_its_trail_along(
    agent: User, instructor: User, make_ticket: MakeTicket, elsewhere: Department
) -> None:
    number = make_ticket().pk
    client_of(instructor).patch(f"{LIST}{number}/", {"department": elsewhere.pk})
    assert client_of(agent).get(f"{LIST}{number}/events/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_writes_into_it(method: str, instructor: User, make_ticket: MakeTicket) -> None:
    answer = getattr(client_of(instructor), method)(f"{LIST}{make_ticket().pk}/events/", {})
    assert answer.status_code == 405


def test_without_its_event_nothing_happens(
    instructor: User, make_ticket: MakeTicket, filed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket()

    def state() -> list[list[object]]:
        return [list(model.objects.values()) for model in (Ticket, Comment, IdempotencyKey, TicketEvent)]

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    client, address, before = client_of(instructor), f"{LIST}{ticket.pk}/", state()
    client.raise_request_exception = False
    monkeypatch.setattr(TicketEvent, "save", fail)
    answers = (
        client.post(LIST, filed),
        client.post(LIST, filed, headers={"idempotency-key": "k"}),
        client.post(LIST, filed | {"source": "icinga", "external_id": "1"}),
        client.patch(address, {"issue": "X"}),
        client.put(address, filed),
        client.post(f"{address}comments/", {"text": "X"}),
        client.delete(address),
    )
    assert [answer.status_code for answer in answers] == [500] * 7
    assert state() == before


def test_pages_take_the_same_few_statements_however_long(agent: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket=ticket, department=ticket.department, action="changed", actor=agent, request_id="-"
        )
        for _ in range(60)
    )

    def read(size: int) -> int:
        client = client_of(agent)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"{LIST}{ticket.pk}/events/", {"page_size": size})
            assert len(answer.json()["results"]) == size
        return len(captured)

    assert read(1) == read(60) == 5  # whether it is gone, the role, the ticket, the count, the page
