from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of, make_user
from ticketing.models import Department, Ticket

pytestmark = pytest.mark.django_db

LIST = "/api/departments/"


@pytest.mark.parametrize(
    ("group", "reading", "creating", "changing", "deleting"),
    [
        (None, 200, 403, 403, 403),
        ("students", 200, 403, 403, 403),
        ("agents", 200, 403, 403, 403),
        ("instructors", 200, 201, 200, 204),
    ],
)
def test_roles(
    group: str | None, reading: int, creating: int, changing: int, deleting: int, department: Department
) -> None:
    client = client_of(make_user("someone", group))
    _assert_codes(client, department, (reading, creating, changing, deleting))


def test_anonymous_callers_read_and_are_asked_to_log_in_for_more(department: Department) -> None:
    _assert_codes(APIClient(), department, (200, 401, 401, 401))


def test_one_with_tickets_stays(
    instructor: User, department: Department, make_ticket: Callable[..., Ticket]
) -> None:
    ticket = make_ticket()
    refused = client_of(instructor).delete(f"{LIST}{department.pk}/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "department_in_use")
    assert Ticket.objects.get() == ticket


def _assert_codes(client: APIClient, department: Department, codes: tuple[int, int, int, int]) -> None:
    detail = f"{LIST}{department.pk}/"
    assert client.get(LIST).status_code == codes[0]
    assert client.get(detail).status_code == codes[0]
    assert client.post(LIST, {"name": "Printing"}).status_code == codes[1]
    assert client.patch(detail, {"name": "Networks"}).status_code == codes[2]
    assert client.delete(detail).status_code == codes[3]


def test_superusers_are_instructors() -> None:
    root = User.objects.create_superuser("root")
    assert client_of(root).post(LIST, {"name": "Printing"}).status_code == 201


def test_names_are_unique(instructor: User, department: Department) -> None:
    response = client_of(instructor).post(LIST, {"name": department.name})
    assert response.status_code == 400
    assert "name" in response.json()["error"]["fields"]


def test_list(student: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Department.objects.bulk_create(Department(name=f"Desk {number}") for number in range(3))
    client = client_of(student)
    with django_assert_num_queries(2):  # the count, the page
        body = client.get(LIST).json()
    assert body["count"] == 3
    assert [row["name"] for row in body["results"]] == ["Desk 0", "Desk 1", "Desk 2"]


def test_what_the_anonymous_read_may_be_kept_for_all_and_nothing_else(
    student: User, department: Department
) -> None:
    for address in (LIST, f"{LIST}{department.pk}/"):
        assert APIClient().get(address).headers["Cache-Control"] == "public, max-age=5"
        assert client_of(student).get(address).headers["Cache-Control"] == "private, no-cache"


def test_an_unknown_department_is_404(department: Department) -> None:
    for key in ("0", "999", "9" * 18):
        assert APIClient().get(f"{LIST}{key}/").status_code == 404


@pytest.mark.parametrize("name", [7, True, None, ["a"], {}])
def test_a_name_is_a_text(name: object, instructor: User) -> None:
    refused = client_of(instructor).post(LIST, {"name": name})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["name"])


def test_a_name_is_there_once(instructor: User, department: Department) -> None:
    refused = client_of(instructor).post(LIST, {"name": department.name})
    assert refused.status_code == 400
    assert "already exists" in refused.json()["error"]["fields"]["name"][0]
