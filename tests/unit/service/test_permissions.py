"""Who may write what: every role against every way of writing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of, make_user
from ticketing.models import Comment, Department, Ticket, TicketEvent

MakeTicket = Callable[..., Ticket]
pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"


@pytest.fixture
def callers(student: User, agent: User, instructor: User, outsider: User) -> dict[str, APIClient]:
    users = {"student": student, "agent": agent, "instructor": instructor, "outsider": outsider}
    return {name: client_of(user) for name, user in users.items()} | {"anonymous": APIClient()}


@pytest.fixture
def tickets(student: User, make_ticket: MakeTicket, elsewhere: Department) -> dict[str, Ticket]:
    """One that `student` filed, one of the agent's department, one of neither."""
    return {
        "own": make_ticket(user=student, department=elsewhere),
        "desk": make_ticket(),
        "foreign": make_ticket(department=elsewhere),
    }


@pytest.mark.parametrize(
    ("caller", "own", "desk", "foreign"),
    [
        ("anonymous", 401, 401, 401),
        ("outsider", 403, 403, 403),
        ("student", 200, 404, 404),
        ("agent", 404, 200, 404),
        ("instructor", 200, 200, 200),
    ],
)
def test_reading_changing_and_commenting_go_by_what_one_sees(
    caller: str, own: int, desk: int, foreign: int, callers: dict[str, APIClient], tickets: dict[str, Ticket]
) -> None:
    client = callers[caller]
    for which, code in (("own", own), ("desk", desk), ("foreign", foreign)):
        address = f"{LIST}{tickets[which].pk}/"
        assert client.get(address).status_code == code
        assert client.patch(address, {"issue": "X"}).status_code == code
        assert client.get(f"{address}events/").status_code == code
        assert client.get(f"{address}comments/").status_code == code
        said = client.post(f"{address}comments/", {"text": "X"}).status_code
        assert said == (201 if code == 200 else code)
        tickets[which].refresh_from_db()
        assert tickets[which].issue == ("X" if code == 200 else "Login Issues")
        assert Comment.objects.filter(ticket=tickets[which]).exists() == (code == 200)


@pytest.mark.parametrize(
    ("caller", "code"),
    [("anonymous", 401), ("outsider", 403), ("student", 403), ("agent", 403), ("instructor", 204)],
)
def test_only_instructors_delete(
    caller: str, code: int, callers: dict[str, APIClient], tickets: dict[str, Ticket]
) -> None:
    for ticket in tickets.values():
        answer = callers[caller].delete(f"{LIST}{ticket.pk}/")
        assert answer.status_code == code
        assert Ticket.objects.filter(pk=ticket.pk).exists() == (code != 204)
        if code == 403:
            assert answer.json()["error"]["message"] == "Only instructors may delete tickets."


@pytest.mark.parametrize("caller", ["anonymous", "outsider", "student", "agent", "instructor"])
def test_anyone_files(caller: str, callers: dict[str, APIClient], filed: dict[str, object]) -> None:
    assert callers[caller].post(LIST, filed).status_code == 201


OWNERS = {
    "name": "N",
    "email": "n@example.com",
    "phone": "1",
    "issue": "I",
    "device": "sw1",
    "interface": "Gi1",
}


def test_a_student_changes_texts_and_nothing_else(
    student: User, agent: User, make_ticket: MakeTicket, elsewhere: Department
) -> None:
    ticket = make_ticket(user=student)
    client, address = client_of(student), f"{LIST}{ticket.pk}/"
    assert client.patch(address, OWNERS).json().items() >= OWNERS.items()
    wanted = {"status": "closed", "priority": 3, "department": elsewhere.pk, "assignee": agent.pk}
    for field, value in wanted.items():
        refused = client.patch(address, {field: value, "issue": "again"})
        assert refused.status_code == 403
        assert refused.json()["error"]["message"] == f"Only agents and instructors may change {field}."
    assert client.get(address).json()["issue"] == "I"


def test_a_student_may_send_back_what_is_so_already(student: User, make_ticket: MakeTicket) -> None:
    client, address = client_of(student), f"{LIST}{make_ticket(user=student).pk}/"
    whole = client.get(address).json() | {"issue": "Worse"}
    changed = client.put(address, whole)
    assert (changed.status_code, changed.json()["issue"]) == (200, "Worse")


@pytest.mark.parametrize(("status", "code"), [("in_progress", 200), ("resolved", 403), ("closed", 403)])
def test_a_student_changes_nothing_once_it_is_done(
    status: str, code: int, student: User, make_ticket: MakeTicket
) -> None:
    answer = client_of(student).patch(f"{LIST}{make_ticket(user=student, status=status).pk}/", {"issue": "X"})
    assert answer.status_code == code


@pytest.mark.parametrize("caller", ["agent", "instructor"])
def test_agents_and_instructors_change_everything_workable(
    caller: str, callers: dict[str, APIClient], agent: User, tickets: dict[str, Ticket], elsewhere: Department
) -> None:
    wanted = OWNERS | {
        "status": "in_progress",
        "priority": 3,
        "department": elsewhere.pk,
        "assignee": agent.pk,
    }
    changed = callers[caller].patch(f"{LIST}{tickets['desk'].pk}/", wanted)
    assert changed.status_code == 200
    assert changed.json().items() >= wanted.items()


def test_an_agent_reaches_what_is_assigned_from_elsewhere(
    agent: User, make_ticket: MakeTicket, elsewhere: Department
) -> None:
    address = f"{LIST}{make_ticket(department=elsewhere, assignee=agent).pk}/"
    assert client_of(agent).patch(address, {"status": "resolved"}).status_code == 200


def test_a_ticket_is_given_to_workers_alone(
    agent: User, instructor: User, student: User, make_ticket: MakeTicket
) -> None:
    client, address = client_of(instructor), f"{LIST}{make_ticket().pk}/"
    both = make_user("both", "agents")
    both.groups.add(*instructor.groups.all())
    gone = make_user("gone", "agents")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for user in (agent, instructor, both):
        assert client.patch(address, {"assignee": user.pk}).json()["assignee"] == user.pk
    for key in (student.pk, gone.pk, 999):
        refused = client.patch(address, {"assignee": key})
        assert refused.status_code == 400
        sentence = f"{key} is not the id of an agent or instructor."
        assert refused.json()["error"]["fields"] == {"assignee": [sentence]}
    assert client.patch(address, {"assignee": None}).json()["assignee"] is None


def test_a_refused_change_is_not_in_the_log(student: User, make_ticket: MakeTicket) -> None:
    client_of(student).patch(f"{LIST}{make_ticket(user=student).pk}/", {"issue": "X", "priority": 3})
    assert not TicketEvent.objects.exists()
