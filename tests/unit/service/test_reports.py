"""What monitors report: the same outage twice is one ticket."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from tests.unit.service.racing import at_once, database_of_its_own
from ticketing.models import Department, Ticket, TicketEvent
from ticketing.services import desk

LIST = "/api/tickets/"
Report = dict[str, object]


@pytest.fixture
def report(filed: dict[str, object]) -> Report:
    return filed | {"source": "icinga", "external_id": "core-sw1!Gi1/0/24"}


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["agent", "instructor"])
def test_the_same_outage_again_updates_the_one_ticket(
    group: str, agent: User, instructor: User, report: Report
) -> None:
    client = client_of({"agent": agent, "instructor": instructor}[group])
    first = client.post(LIST, report)
    again = client.post(LIST, report | {"issue": "Worse", "status": "in_progress"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert (again.json()["issue"], again.json()["status"]) == ("Worse", "in_progress")
    assert "Location" not in again.headers
    assert again.headers["ETag"] != first.headers["ETag"]
    event = TicketEvent.objects.latest("id")
    assert event.changes == {"issue": ["Bug", "Worse"], "status": ["open", "in_progress"]}


@pytest.mark.django_db
def test_no_news_is_no_change(agent: User, report: Report) -> None:
    client = client_of(agent)
    first, again = client.post(LIST, report), client.post(LIST, report)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert TicketEvent.objects.count() == 1


@pytest.mark.django_db
def test_what_a_report_leaves_out_stays(agent: User, report: Report) -> None:
    client = client_of(agent)
    number = client.post(LIST, report | {"priority": 3, "device": "core-sw1"}).json()["id"]
    client.patch(f"{LIST}{number}/", {"status": "on_hold", "assignee": agent.pk})
    again = client.post(LIST, report).json()
    assert (again["priority"], again["device"]) == (3, "core-sw1")
    assert (again["status"], again["assignee"]) == ("on_hold", agent.pk)


@pytest.mark.django_db
def test_the_transition_map_holds_for_monitors_too(agent: User, report: Report) -> None:
    client = client_of(agent)
    assert client.post(LIST, report | {"status": "closed"}).json()["status"] == "closed"
    refused = client.post(LIST, report | {"status": "open", "issue": "Down again"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "illegal_transition")
    assert Ticket.objects.get().issue == "Bug"


@pytest.mark.django_db
def test_others_number_their_own_outages(agent: User, report: Report) -> None:
    client = client_of(agent)
    for other in ({}, {"source": "zabbix"}, {"external_id": "2"}):
        assert client.post(LIST, report | other).status_code == 201
    assert Ticket.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("caller", ["anonymous", "student", "outsider"])
@pytest.mark.parametrize("left_out", ["", "source", "external_id"])
def test_only_those_who_work_report(
    caller: str, left_out: str, student: User, outsider: User, report: Report
) -> None:
    users = {"student": student, "outsider": outsider}
    client = APIClient() if caller == "anonymous" else client_of(users[caller])
    refused = client.post(LIST, {name: value for name, value in report.items() if name != left_out})
    assert refused.status_code == 403
    assert "Only agents and instructors may report" in refused.json()["error"]["message"]
    assert not Ticket.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("left_out", ["source", "external_id"])
def test_half_a_report_is_none(left_out: str, agent: User, report: Report) -> None:
    refused = client_of(agent).post(LIST, report | {left_out: ""})
    assert refused.status_code == 400
    assert list(refused.json()["error"]["fields"]) == [left_out]


@pytest.mark.django_db
def test_an_agent_does_not_reach_another_departments_ticket(
    agent: User, instructor: User, elsewhere: Department, report: Report
) -> None:
    client_of(instructor).post(LIST, report | {"department": elsewhere.pk})
    refused = client_of(agent).post(LIST, report | {"issue": "Taken over"})
    assert refused.status_code == 403
    assert "a department that you do not work for" in refused.json()["error"]["message"]
    assert Ticket.objects.get().issue == "Bug"


@pytest.mark.django_db
def test_the_twin_that_comes_second_updates(
    agent: User, make_ticket: Callable[..., Ticket], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket(source="icinga", external_id="core-sw1!Gi1/0/24")
    answers = iter([None, ticket.pk])  # the twin looked before the first was in
    monkeypatch.setattr(desk, "_reported", lambda *_: next(answers))
    answer = client_of(agent).post(LIST, report)
    assert (answer.status_code, answer.json()["id"], answer.json()["issue"]) == (200, ticket.pk, "Bug")


@pytest.mark.django_db(transaction=True)
def test_concurrent_reports_are_one_ticket(tmp_path: Path) -> None:
    with database_of_its_own(tmp_path):
        body: Report = {"name": "A", "email": "a@example.com", "phone": "1", "issue": "X"}
        body |= {"department": Department.objects.create(name="Desk").pk, "source": "s", "external_id": "1"}
        user = User.objects.create(username="monitor")
        user.groups.add(Group.objects.get(name="instructors"))
        codes = at_once(lambda: client_of(user).post(LIST, body).status_code, 8)
        assert sorted(codes) == [200] * 7 + [201]
        assert (Ticket.objects.count(), TicketEvent.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_report_is_looked_up_by_its_own_index() -> None:
    with CaptureQueriesContext(connection) as captured:
        desk._reported("icinga", "core-sw1!Gi1/0/24")
    (query,) = captured
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if not sqlite:  # which would rather not use an index for a table without rows
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {query['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    found = r"\(source=\? AND external_id=\?\)" if sqlite else r".*Index Cond: .*source.* AND .*external_id"
    assert re.search(f"one_ticket_per_report {found}", plan), plan
