"""Reading tickets: who sees which, what narrows a list, and how it is ordered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.api.rows import COLUMNS
from ticketing.models import Department, Ticket

MakeTicket = Callable[..., Ticket]
pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"


@pytest.fixture
def printing() -> Department:
    return Department.objects.create(name="Printing")


def ids(client: APIClient, **query: str | int) -> list[int]:
    return [row["id"] for row in client.get(LIST, query).json()["results"]]


@pytest.mark.parametrize(("caller", "status"), [("anonymous", 401), ("outsider", 403)])
def test_without_a_role_nothing_is_read(
    caller: str, status: int, outsider: User, make_ticket: MakeTicket
) -> None:
    client = APIClient() if caller == "anonymous" else client_of(outsider)
    for address in (LIST, f"{LIST}?cursor=", f"{LIST}{make_ticket().pk}/", f"{LIST}999/"):
        assert client.get(address).status_code == status


def test_everybody_sees_what_is_theirs_and_nothing_else(
    student: User,
    other_student: User,
    agent: User,
    instructor: User,
    printing: Department,
    make_ticket: MakeTicket,
) -> None:
    own = make_ticket(user=student, department=printing).pk
    foreign = make_ticket(user=other_student).pk
    unowned = make_ticket(department=printing).pk
    assigned = make_ticket(user=other_student, department=printing, assignee=agent).pk
    filed = make_ticket(user=agent, department=printing).pk
    every = {own, foreign, unowned, assigned, filed}
    for user, seen in ((student, {own}), (agent, {foreign, assigned, filed}), (instructor, every)):
        client = client_of(user)
        assert set(ids(client)) == set(ids(client, cursor="")) == seen
        assert client.get(LIST).json()["count"] == len(seen)
        for key in every:
            assert client.get(f"{LIST}{key}/").status_code == (200 if key in seen else 404)


def test_neither_filter_nor_search_nor_order_leads_around_that(
    student: User, other_student: User, agent: User, printing: Department, make_ticket: MakeTicket
) -> None:
    make_ticket(user=other_student, department=printing, device="core-sw1", source="zabbix", external_id="7")
    for user in (student, agent):
        client = client_of(user)
        queries: list[dict[str, str | int]] = [
            {"user": other_student.pk},
            {"department": printing.pk},
            {"assignee": "none"},
            {"device": "core-sw1"},
            {"source": "zabbix"},
            {"search": "Login"},
            {"status": "open"},
            {"ordering": "-name"},
            {"created_after": "2000-01-01T00:00:00Z"},
            {"fields": "id,email"},
        ]
        for query in (*queries, *(query | {"cursor": ""} for query in queries)):
            page = client.get(LIST, query).json()
            assert page["results"] == []
            assert page.get("count", 0) == 0


def test_a_row_in_a_list_is_what_the_ticket_s_own_address_shows(
    student: User, make_ticket: MakeTicket
) -> None:
    moment = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    ticket = make_ticket(user=student, created_at=moment, device="core-sw1", interface="Gi1/0/24")
    client = client_of(student)
    row = client.get(f"{LIST}{ticket.pk}/").json()
    assert list(row) == list(COLUMNS)
    assert client.get(LIST).json()["results"] == [row]
    assert (row["email"], row["phone"]) == ("ada@example.com", "8005550100")
    assert (row["user"], row["department"], row["image"]) == (student.pk, ticket.department_id, None)
    assert row["created_at"] == "2025-01-02T03:04:05.678901Z"


def test_a_picture_is_shown_as_its_path(student: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(user=student)
    ticket.image.save("a.png", ContentFile(b"not read here"))
    assert client_of(student).get(f"{LIST}{ticket.pk}/").json()["image"] == f"{LIST}{ticket.pk}/image/"


def test_only_the_fields_asked_for(student: User, make_ticket: MakeTicket) -> None:
    key = make_ticket(user=student).pk
    client = client_of(student)
    expected = {"id": key, "issue": "Login Issues"}
    assert client.get(f"{LIST}{key}/", {"fields": "issue,id,issue"}).json() == expected
    for query in ({}, {"cursor": ""}, {"search": "login"}, {"cursor": "", "ordering": "priority"}):
        assert client.get(LIST, {"fields": "id,issue"} | query).json()["results"] == [expected]


@pytest.mark.parametrize("fields", ["id,password", "user__password", "", "id,", "\x00"])
def test_an_unknown_field_is_named(fields: str, student: User, make_ticket: MakeTicket) -> None:
    key = make_ticket(user=student).pk
    for address in (LIST, f"{LIST}{key}/"):
        refused = client_of(student).get(address, {"fields": fields})
        assert refused.status_code == 400
        (message,) = refused.json()["error"]["fields"]["fields"]
        assert repr(fields.removeprefix("id,")) in message


def test_filters_and_search(
    instructor: User, agent: User, student: User, printing: Department, make_ticket: MakeTicket
) -> None:
    january, february = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
    old = make_ticket(priority=3, created_at=january, name="Zoe", assignee=agent, user=student).pk
    new = make_ticket(
        priority=1,
        created_at=february,
        department=printing,
        issue="System Crash",
        status="on_hold",
        device="core-sw1",
        source="zabbix",
        external_id="1",
        assignee=instructor,
    ).pk
    nobody_s = make_ticket(created_at=datetime(2024, 1, 1, tzinfo=UTC)).pk
    Ticket.objects.filter(pk=old).update(updated_at=january)
    client = client_of(instructor)
    cases: list[tuple[dict[str, str | int], list[int]]] = [
        ({"priority": 3}, [old]),
        ({"status": "on_hold"}, [new]),
        ({"department": printing.pk}, [new]),
        ({"department": 999}, []),
        ({"user": student.pk}, [old]),
        ({"assignee": "me"}, [new]),
        ({"assignee": agent.pk}, [old]),
        ({"assignee": "none"}, [nobody_s]),
        ({"device": "core-sw1"}, [new]),
        ({"device": "core"}, []),
        ({"source": "zabbix"}, [new]),
        ({"created_after": "2025-02-01T00:00:00Z"}, [new]),
        ({"created_before": "2025-02-01T00:00:00Z"}, [old, nobody_s]),
        ({"created_after": "2025-01-01T00:00:00Z", "created_before": "2025-01-01T00:00:01Z"}, [old]),
        ({"updated_after": "2025-01-01T00:00:01Z"}, [new, nobody_s]),
        ({"search": "crash"}, [new]),
        ({"search": "zoe"}, [old]),
        ({"search": "CORE-sw"}, [new]),
        ({"search": "crash zoe"}, []),
        ({"device": ""}, [new, old, nobody_s]),
    ]
    for query, found in cases:
        assert ids(client, **query) == found, query
        assert ids(client, **query, cursor="") == found, query
        assert client.get(LIST, query).json()["count"] == len(found), query


@pytest.mark.parametrize("secret", ["hidden@example.com", "hidden", "8005559999"])
def test_search_reads_no_contacts(secret: str, instructor: User, make_ticket: MakeTicket) -> None:
    make_ticket(email="hidden@example.com", phone="8005559999")
    assert ids(client_of(instructor), search=secret) == []


@pytest.mark.parametrize(
    "query",
    [
        {"priority": 7},
        {"status": "lost"},
        {"department": "x"},
        {"department": 2**63},
        {"user": 0},
        {"assignee": "you"},
        {"assignee": "1" * 19},
        {"device": "\x00"},
        {"created_after": "soon"},
        {"created_before": "0001-01-01T00:00:00+14:00"},
        {"updated_after": "9999-12-31T23:59:59-14:00"},
        {"ordering": "email"},
        {"ordering": "priority,id"},
        {"search": "a b c d e f g h i"},
        {"search": "\x00"},
    ],
)
def test_a_wrong_filter_is_refused_by_name(query: dict[str, Any], instructor: User) -> None:
    response = client_of(instructor).get(LIST, query)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "invalid"
    assert list(error["fields"]) in (list(query), ["non_field_errors"])


@pytest.mark.parametrize("key", ["0", "999", "9" * 18, "9" * 40, "abc", "1.0", "%00"])
def test_no_such_ticket_is_404(key: str, instructor: User) -> None:
    response = client_of(instructor).get(f"{LIST}{key}/")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_the_browsable_page_shows_forms_to_those_who_log_in(student: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(user=student)
    client = APIClient()
    client.force_login(student)
    for address in (LIST, f"{LIST}?cursor=", f"{LIST}{ticket.pk}/"):
        page = client.get(address, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert "ada@example.com" in page.content.decode()
        assert 'name="issue"' in page.content.decode()
        assert "ETag" not in page.headers
