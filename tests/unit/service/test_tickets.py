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


@pytest.fixture
def filed(department: Department) -> dict[str, object]:
    return {
        "name": "Grace",
        "email": "grace@example.com",
        "phone": "8005550101",
        "issue": "Bug",
        "department": department.pk,
    }


@pytest.mark.parametrize(
    ("caller", "listing", "reading", "creating", "changing_own", "changing", "deleting_own", "deleting"),
    [
        ("anonymous", 401, 401, 201, 401, 401, 401, 401),
        ("outsider", 403, 403, 201, 403, 403, 403, 403),
        ("student", 200, 200, 201, 200, 403, 204, 403),
        ("instructor", 200, 200, 201, 200, 200, 204, 204),
    ],
)
def test_roles(
    caller: str,
    listing: int,
    reading: int,
    creating: int,
    changing_own: int,
    changing: int,
    deleting_own: int,
    deleting: int,
    callers: dict[str, APIClient],
    student: User,
    other_student: User,
    make_ticket: MakeTicket,
    filed: dict[str, object],
) -> None:
    client = callers[caller]
    own, foreign = f"{LIST}{make_ticket(user=student).pk}/", f"{LIST}{make_ticket(user=other_student).pk}/"
    unowned = f"{LIST}{make_ticket().pk}/"
    assert client.get(LIST).status_code == listing
    assert client.get(foreign).status_code == reading
    assert client.post(LIST, filed).status_code == creating
    assert client.patch(own, {"issue": "X"}).status_code == changing_own
    for address in (foreign, unowned):
        assert client.patch(address, {"issue": "X"}).status_code == changing
        assert client.put(address, filed).status_code == changing
        assert client.delete(address).status_code == deleting
    assert client.delete(own).status_code == deleting_own


def test_a_refused_change_changes_nothing(
    student: User, other_student: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(user=other_student)
    client_of(student).patch(f"{LIST}{ticket.pk}/", {"issue": "changed"})
    ticket.refresh_from_db()
    assert ticket.issue == "Login Issues"


def test_contacts_are_null_for_students_but_in_their_own_tickets(
    student: User, other_student: User, make_ticket: MakeTicket
) -> None:
    own, foreign, unowned = make_ticket(user=student), make_ticket(user=other_student), make_ticket()
    client = client_of(student)
    rows = {row["id"]: row for row in client.get(LIST).json()["results"]}
    for ticket in (foreign, unowned):
        detail = client.get(f"{LIST}{ticket.pk}/").json()
        for row in (rows[ticket.pk], detail):
            assert row["email"] is None
            assert row["phone"] is None
            assert row["name"] == "Ada"
    assert (rows[own.pk]["email"], rows[own.pk]["phone"]) == ("ada@example.com", "8005550100")


def test_instructors_see_all_contacts(instructor: User, student: User, make_ticket: MakeTicket) -> None:
    make_ticket(user=student)
    make_ticket()
    rows = client_of(instructor).get(LIST).json()["results"]
    assert [(row["email"], row["phone"]) for row in rows] == [("ada@example.com", "8005550100")] * 2


def test_whoever_files_a_ticket_sees_what_was_filed(filed: dict[str, object]) -> None:
    created = APIClient().post(LIST, filed).json()
    assert (created["email"], created["phone"], created["user"]) == (filed["email"], filed["phone"], None)


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


def test_owner_date_and_image_are_the_servers_to_set(
    student: User, other_student: User, filed: dict[str, object]
) -> None:
    wanted = {"user": other_student.pk, "created_at": "2001-01-01T00:00:00Z", "image": "images/x.png"}
    client = client_of(student)
    created = client.post(LIST, filed | wanted).json()
    assert created["user"] == student.pk
    assert created["image"] is None
    assert not created["created_at"].startswith("2001")
    changed = client.patch(f"{LIST}{created['id']}/", wanted).json()
    assert changed == created


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", None),
        ("phone", "1" * 21),
        ("phone", ""),
        ("priority", 4),
        ("department", 999),
        ("issue", ""),
        ("name", "n" * 256),
    ],
)
def test_a_bad_field_is_named(field: str, value: object, filed: dict[str, object]) -> None:
    response = APIClient().post(LIST, filed | {field: value})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]
    assert not Ticket.objects.exists()


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
    other_student: User,
    make_ticket: MakeTicket,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        make_ticket(user=other_student if number % 2 else None)
    with django_assert_num_queries(3):  # the caller's groups, the count, the page
        assert len(callers[role].get(LIST).json()["results"]) == 20


def test_the_browsable_page_shows_forms_to_those_who_log_in(student: User, make_ticket: MakeTicket) -> None:
    make_ticket()
    client = APIClient()
    client.force_login(student)
    page = client.get(LIST, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "ada@example.com" not in page.content.decode()
    assert 'name="issue"' in page.content.decode()
