"""`page_size`, which all lists share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.unit.service.callers import client_of
from ticketing.models import Department

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/api/tickets/", "/api/departments/"])
@pytest.mark.parametrize("size", ["0", "-1", "many", "1.5", "٣", "0x10", " 5"])
def test_what_is_no_number_of_rows_is_refused(address: str, size: str, instructor: User) -> None:
    answer = client_of(instructor).get(address, {"page_size": size})
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"page_size": ["Say how many rows: 1 to 200."]}


@pytest.mark.parametrize(("size", "rows"), [("", 50), ("7", 7), ("007", 7), ("201", 200), ("9" * 40, 200)])
def test_more_than_there_may_be_are_as_many_as_there_may_be(size: str, rows: int, instructor: User) -> None:
    Department.objects.bulk_create(Department(name=f"Desk {number}") for number in range(201))
    answer = client_of(instructor).get("/api/departments/", {"page_size": size})
    assert len(answer.json()["results"]) == rows
