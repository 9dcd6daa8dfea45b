"""Comments: who reads and writes which, and that they stay as they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.unit.service.callers import client_of
from ticketing.models import Comment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(student: User, make_ticket: Callable[..., Ticket]) -> Ticket:
    return make_ticket(user=student)


@pytest.fixture
def place(ticket: Ticket) -> str:
    return f"/api/tickets/{ticket.pk}/comments/"


def texts(user: User, place: str) -> list[str]:
    return [row["text"] for row in client_of(user).get(place).json()["results"]]


def test_what_is_said_is_answered_listed_and_logged(
    student: User, agent: User, ticket: Ticket, place: str
) -> None:
    asked = client_of(student).post(place, {"text": "Still down?"})
    assert asked.status_code == 201
    said = asked.json()
    assert (said["author"], said["author_name"]) == (student.pk, "student")
    assert (said["text"], said["internal"]) == ("Still down?", False)
    client_of(agent).post(place, {"text": "A new cable is in."})
    listed = client_of(student).get(place).json()
    assert (listed["count"], listed["next"]) == (2, None)
    assert listed["results"][0] == said
    assert [row["author_name"] for row in listed["results"]] == ["student", "agent"]
    event = TicketEvent.objects.earliest("id")
    assert (event.action, event.ticket_id, event.actor_id) == ("commented", ticket.pk, student.pk)
    assert event.changes == {"comment": [None, said["id"]]}


def test_internal_ones_are_not_for_students(student: User, agent: User, instructor: User, place: str) -> None:
    assert client_of(agent).post(place, {"text": "a", "internal": True}).json()["internal"] is True
    client_of(instructor).post(place, {"text": "i", "internal": True})
    client_of(agent).post(place, {"text": "for all"})
    assert texts(student, place) == ["for all"]
    assert client_of(student).get(place).json()["count"] == 1
    assert texts(agent, place) == texts(instructor, place) == ["a", "i", "for all"]
    refused = client_of(student).post(place, {"text": "x", "internal": True})
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == "Only agents and instructors may comment internally."
    assert Comment.objects.count() == 3


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nothing_is_taken_back(method: str, instructor: User, place: str) -> None:
    answer = getattr(client_of(instructor), method)(place, {"text": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "  "}, "text"),
        ({"text": 5}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "x", "internal": "perhaps"}, "internal"),
        ({"text": "x", "internal": None}, "internal"),
    ],
)
def test_a_bad_comment_is_named(body: dict[str, object], field: str, student: User, place: str) -> None:
    refused = client_of(student).post(place, body)
    assert refused.status_code == 400
    assert list(refused.json()["error"]["fields"]) == [field]


def test_author_and_date_are_the_servers_to_set(student: User, agent: User, place: str) -> None:
    wanted = {"author": agent.pk, "created_at": "2001-01-01T00:00:00Z", "id": 99}
    said = client_of(student).post(place, {"text": "x"} | wanted).json()
    assert said["author"] == student.pk
    assert said["id"] != 99
    assert not said["created_at"].startswith("2001")


def test_pages_take_the_same_few_statements_however_long(agent: User, ticket: Ticket, place: str) -> None:
    def read(size: int) -> int:
        client = client_of(agent)
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(place, {"page_size": size}).json()["results"]) == size
        return len(captured)

    Comment.objects.bulk_create(Comment(ticket=ticket, author=agent, text=str(n)) for n in range(60))
    assert read(1) == read(60) == 4  # the role, the ticket, the count, the page
    page = client_of(agent).get(place, {"page": 2}).json()
    assert [row["text"] for row in page["results"]] == [str(n) for n in range(50, 60)]


@pytest.mark.parametrize("flag", ["yes", "true", 1, 0, None, []])
def test_in_json_a_flag_is_true_or_false(flag: object, agent: User, place: str) -> None:
    refused = client_of(agent).post(place, {"text": "Hm.", "internal": flag})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["internal"])


@pytest.mark.parametrize(("flag", "internal"), [("on", True), ("true", True), ("false", False)])
def test_in_a_form_any_word_for_it_will_do(flag: str, internal: bool, agent: User, place: str) -> None:
    said = client_of(agent).post(place, {"text": "Hm.", "internal": flag}, format="multipart")
    assert (said.status_code, said.json()["internal"]) == (201, internal)
