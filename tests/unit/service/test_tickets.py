from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.models import Department, Ticket

MakeTicket = Callable[..., Ticket]
pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"


@pytest.fixture
def callers(student: User, instructor: User, outsider: User) -> dict[str, APIClient]:
    clients = {name: client_of(user) for name, user in (("student", student), ("instructor", instructor))}
    return clients | {"outsider": client_of(outsider), "anonymous": APIClient()}


def test_instructors_see_all_contacts(instructor: User, student: User, make_ticket: MakeTicket) -> None:
    make_ticket(user=student)
    make_ticket()
    rows = client_of(instructor).get(LIST).json()["results"]
    assert [(row["email"], row["phone"]) for row in rows] == [("ada@example.com", "8005550100")] * 2


@pytest.mark.parametrize("secret", ["hidden@example.com", "hidden", "8005559999"])
def test_search_tells_nothing_of_contacts(
    secret: str, student: User, instructor: User, make_ticket: MakeTicket
) -> None:
    make_ticket(email="hidden@example.com", phone="8005559999")
    for user in (student, instructor):
        assert client_of(user).get(LIST, {"search": secret}).json()["count"] == 0


@pytest.mark.parametrize("field", ["email", "phone"])
def test_neither_order_nor_filter_tells_anything_of_contacts(
    field: str, student: User, make_ticket: MakeTicket
) -> None:
    make_ticket(email="b@example.com", phone="2")
    make_ticket(email="a@example.com", phone="1")
    make_ticket(email="c@example.com", phone="3")
    client = client_of(student)
    usual = [row["id"] for row in client.get(LIST).json()["results"]]
    for query in (
        {"ordering": field},
        {"ordering": f"-{field}"},
        {field: "1"},
        {f"{field}__startswith": "a"},
        {"ordering": f"user__{field}"},
    ):
        assert [row["id"] for row in client.get(LIST, query).json()["results"]] == usual


def test_filters_search_and_order(instructor: User, make_ticket: MakeTicket) -> None:
    printing = Department.objects.create(name="Printing")
    january, february = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
    old = make_ticket(priority=3, created_at=january, name="Zoe").pk
    new = make_ticket(priority=1, created_at=february, department=printing, issue="System Crash").pk
    client = client_of(instructor)

    def ids(**query: str | int) -> list[int]:
        return [row["id"] for row in client.get(LIST, query).json()["results"]]

    assert ids() == [new, old]
    assert ids(priority=3) == [old]
    assert ids(department=printing.pk) == [new]
    assert ids(created_after="2025-02-01T00:00:00Z") == [new]
    assert ids(created_before="2025-02-01T00:00:00Z") == [old]
    assert ids(created_after="2025-01-01T00:00:00Z", created_before="2025-01-01T00:00:01Z") == [old]
    assert ids(search="crash") == [new]
    assert ids(search="zoe") == [old]
    assert ids(ordering="created_at") == [old, new]
    assert ids(ordering="-priority") == [old, new]


@pytest.mark.parametrize("query", [{"priority": 7}, {"department": 999}, {"created_after": "soon"}])
def test_a_wrong_filter_is_refused(query: dict[str, str | int], instructor: User) -> None:
    response = client_of(instructor).get(LIST, query)
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == list(query)


def test_pages(instructor: User, make_ticket: MakeTicket) -> None:
    make_ticket()
    row = Ticket.objects.values("name", "email", "phone", "issue", "department_id", "created_at").get()
    Ticket.objects.bulk_create(Ticket(**row) for _ in range(250))  # all of the same moment
    client = client_of(instructor)
    first = client.get(LIST).json()
    assert (first["count"], len(first["results"])) == (251, 50)
    assert len(client.get(LIST, {"page_size": 7}).json()["results"]) == 7
    assert len(client.get(LIST, {"page_size": 1000}).json()["results"]) == 200
    seen = [
        row["id"]
        for page in (1, 2)
        for row in client.get(LIST, {"page": page, "page_size": 200}).json()["results"]
    ]
    assert len(seen) == len(set(seen)) == 251
    assert client.get(LIST, {"page": 99}).status_code == 404


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_a_list_takes_the_same_few_queries_however_long(
    role: str,
    callers: dict[str, APIClient],
    student: User,
    make_ticket: MakeTicket,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(20):
        make_ticket(user=student)
    with django_assert_num_queries(3):  # the caller's groups, the count, the page
        assert len(callers[role].get(LIST).json()["results"]) == 20


def test_the_browsable_page_shows_forms_to_those_who_log_in(student: User, make_ticket: MakeTicket) -> None:
    make_ticket()
    client = APIClient()
    client.force_login(student)
    page = client.get(LIST, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert 'name="issue"' in page.content.decode()
