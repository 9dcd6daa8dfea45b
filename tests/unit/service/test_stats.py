"""The public statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.api import counts, stats
from ticketing.models import Department, Ticket

pytestmark = pytest.mark.django_db

STATS = "/api/stats/"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    stats.kept.clear()


def test_they_count_all_tickets(department: Department, make_ticket: Callable[..., Ticket]) -> None:
    printing = Department.objects.create(name="Printing")
    make_ticket(priority=3, status="closed", created_at=timezone.now() - timedelta(hours=25))
    make_ticket(priority=3, created_at=timezone.now() - timedelta(hours=23))
    make_ticket(priority=1)
    assert APIClient().get(STATS).json() == {
        "tickets": 3,
        "last_24_hours": 2,
        "by_status": {"open": 2, "in_progress": 0, "on_hold": 0, "resolved": 0, "closed": 1},
        "by_priority": {"1": 1, "2": 0, "3": 2},
        "by_department": [
            {"id": department.pk, "name": department.name, "tickets": 3},
            {"id": printing.pk, "name": "Printing", "tickets": 0},
        ],
    }


def test_they_are_the_same_for_everybody_and_may_be_kept(student: User) -> None:
    answers = [APIClient().get(STATS), client_of(student).get(STATS)]
    bad = APIClient().get(STATS, headers={"authorization": "Bearer none"})
    for answer in (*answers, bad):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        assert answer.headers["Vary"] == "Accept"
        assert answer.content == bad.content
    assert APIClient().get(STATS, headers={"if-none-match": bad.headers["ETag"]}).status_code == 304


def test_five_statements_and_none_for_a_while_when_there_are_many_tickets(
    make_ticket: Callable[..., Ticket],
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_ticket()
    for _ in range(2):
        with django_assert_num_queries(5):
            APIClient().get(STATS)
    monkeypatch.setattr(counts, "EXACT", 0)
    APIClient().get(STATS)
    with django_assert_num_queries(0):
        assert APIClient().get(STATS).json()["tickets"] == 1


def test_nothing_is_written_there() -> None:
    assert APIClient().post(STATS, {}).status_code == 405
