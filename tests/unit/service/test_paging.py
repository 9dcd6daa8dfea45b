"""Pages by number and by cursor: nothing twice, nothing skipped, nothing made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.api import counts, ordering
from ticketing.api.cursors import Cursor
from ticketing.api.paging import kept_counts
from ticketing.models import Department, Ticket

pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"
MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(instructor: User) -> Iterator[APIClient]:
    yield client_of(instructor)
    kept_counts.clear()


@pytest.fixture
def sixty(department: Department, make_ticket: Callable[..., Ticket]) -> list[int]:
    """Tickets with many ties in every field that they can be sorted by."""
    printing = Department.objects.create(name="Printing")
    for number in range(60):
        make_ticket(
            name=f"User {number % 3}",
            priority=1 + number % 3,
            status=("open", "closed")[number % 2],
            department=(department, printing)[number % 2],
            created_at=MOMENT + timedelta(seconds=number % 4, microseconds=number % 2),
        )
    Ticket.objects.update(updated_at=MOMENT)
    return list(Ticket.objects.order_by("id").values_list("id", flat=True))


def walk(client: APIClient, address: str, direction: str = "next") -> Iterator[list[dict[str, Any]]]:
    """The rows of one page after the other."""
    following: str | None = address
    while following:
        page = client.get(following).json()
        yield page["results"]
        following = page[direction]


def test_pages_by_number(client: APIClient, sixty: list[int]) -> None:
    first = client.get(LIST, {"page_size": 25}).json()
    assert (first["count"], first["previous"]) == (60, None)
    assert first["next"] == "http://testserver/api/tickets/?page_size=25&page=2"
    seen = [row["id"] for page in walk(client, f"{LIST}?page_size=25") for row in page]
    assert sorted(seen) == sixty
    last = client.get(LIST, {"page_size": "25", "page": "last"}).json()
    assert (len(last["results"]), last["next"]) == (10, None)
    assert last["previous"] == "http://testserver/api/tickets/?page_size=25&page=2"
    assert client.get(last["previous"]).json()["previous"] == "http://testserver/api/tickets/?page_size=25"
    assert len(client.get(LIST).json()["results"]) == 50
    assert len(client.get(LIST, {"page_size": 1000}).json()["results"]) == 60


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "", "1.5", "٢", "9" * 5000])
def test_no_such_page_is_404(page: str, client: APIClient, sixty: list[int]) -> None:
    response = client.get(LIST, {"page": page})
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "There is no such page; the last is 2."


def test_an_empty_list_has_one_page(client: APIClient) -> None:
    empty: dict[str, object] = {"next": None, "previous": None, "results": []}
    assert client.get(LIST).json() == {"count": 0, **empty}
    assert client.get(LIST, {"cursor": ""}).json() == empty


@pytest.mark.parametrize("order", ordering.ORDERS)
@pytest.mark.parametrize("more", ["", "&fields=issue", "&search=login"])
def test_cursors_walk_the_very_same_list_there_and_back(
    order: str, more: str, client: APIClient, sixty: list[int]
) -> None:
    whole = client.get(LIST, {"ordering": order, "page_size": "200"}).json()["results"]
    assert sorted(row["id"] for row in whole) == sixty
    key = order.removeprefix("-")
    assert [row[key] for row in whole] == sorted((row[key] for row in whole), reverse=order.startswith("-"))
    if "fields" in more:
        whole = [{"issue": row["issue"]} for row in whole]
    start = f"{LIST}?cursor=&page_size=7&ordering={order}{more}"
    pages = list(walk(client, start))
    assert [len(page) for page in pages] == [7] * 8 + [4]
    assert [row for page in pages for row in page] == whole
    end = start
    while following := client.get(end).json()["next"]:
        end = following
    back = list(walk(client, end, "previous"))
    assert back == pages[::-1]


def test_what_is_filed_meanwhile_shifts_no_page(
    client: APIClient, sixty: list[int], make_ticket: Callable[..., Ticket]
) -> None:
    first = client.get(LIST, {"cursor": "", "page_size": "30"}).json()
    make_ticket()
    second = client.get(first["next"]).json()["results"]
    assert sorted(row["id"] for row in [*first["results"], *second]) == sixty


def test_a_cursor_of_a_ticket_that_is_gone_still_leads_on(client: APIClient, sixty: list[int]) -> None:
    first = client.get(LIST, {"cursor": "", "page_size": "30"}).json()
    Ticket.objects.filter(pk=first["results"][-1]["id"]).delete()
    assert len(client.get(first["next"]).json()["results"]) == 30


def _forged() -> str:
    return signing.Signer(salt="ticketing.cursor", key="somebody else's").sign("WyItY3JlYXRlZF9hdCJd")


@pytest.mark.parametrize("cursor", ["x", "x:y", ":", "\x00", "é", _forged(), "WyItY3JlYXRlZF9hdCJd"])
def test_what_is_no_cursor_of_ours_is_refused(cursor: str, client: APIClient) -> None:
    response = client.get(LIST, {"cursor": cursor})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == ["cursor"]


def test_a_changed_cursor_is_refused(client: APIClient) -> None:
    text = Cursor("-created_at", (MOMENT, 7)).text()
    assert client.get(LIST, {"cursor": text}).status_code == 200
    for changed in (text[:-1], text[1:], "A" + text[1:], text.replace(":", "A:")):
        assert client.get(LIST, {"cursor": changed}).status_code == 400


def test_a_cursor_of_another_order_is_refused(client: APIClient) -> None:
    text = Cursor("-created_at", (MOMENT, 7)).text()
    refused = client.get(LIST, {"cursor": text, "ordering": "priority"})
    assert refused.status_code == 400
    assert refused.json()["error"]["fields"] == {"cursor": ["This cursor goes with ordering=-created_at."]}


def test_large_counts_are_kept_for_a_while_and_small_ones_are_not() -> None:
    now = 100.0
    kept = counts.Kept[int](size_of=lambda count: count, clock=lambda: now)
    assert [kept.get("small", lambda: value) for value in (1, counts.EXACT, 3)] == [1, counts.EXACT, 3]  # noqa: B023
    assert [kept.get("large", lambda: value) for value in (20_000, 20_001)] == [20_000] * 2  # noqa: B023
    assert kept.get("other", lambda: 5) == 5
    now += counts.KEPT_SECONDS
    assert kept.get("large", lambda: 20_002) == 20_002


def test_a_count_that_took_long_is_kept_long() -> None:
    now = 100.0
    kept = counts.Kept[int](size_of=lambda count: count, clock=lambda: now)

    def slow() -> int:
        nonlocal now
        now += counts.KEPT_SECONDS
        return 20_000

    kept.get("slow", slow)
    now += 19 * counts.KEPT_SECONDS
    assert kept.get("slow", lambda: 20_001) == 20_000
    now += 2 * counts.KEPT_SECONDS
    assert kept.get("slow", lambda: 20_001) == 20_001


def test_kept_counts_cannot_fill_the_memory() -> None:
    kept = counts.Kept[int](size_of=lambda count: count)
    for number in range(5000):
        kept.get(number, lambda: counts.EXACT + 1)
    assert len(kept._values) <= 1000


def test_each_caller_and_filter_has_its_own_count(
    client: APIClient, student: User, sixty: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "EXACT", 0)
    Ticket.objects.filter(pk__in=sixty[:5]).update(user=student)
    queries: list[dict[str, Any]] = [{}, {"priority": 1}, {"priority": 1, "status": "open"}, {"search": "x"}]
    for _ in range(2):
        found = [client.get(LIST, query).json()["count"] for query in queries]
        assert found == [60, 20, 10, 0]
        assert client_of(student).get(LIST).json()["count"] == 5
    Ticket.objects.all().delete()
    assert client.get(LIST).json()["count"] == 60  # kept, as documented
