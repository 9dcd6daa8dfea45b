from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.models import Department, Ticket
from ticketing.throttles import FileTicketThrottle

pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"


@pytest.fixture
def ticket(department: Department, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr(FileTicketThrottle, "THROTTLE_RATES", {"file_ticket": "3/min"})
    # The beginning of a minute, which does not end before the test does.
    monkeypatch.setattr(FileTicketThrottle, "timer", lambda _self: 1_000_020.0)
    return {"name": "A", "email": "a@example.com", "phone": "1", "issue": "X", "department": department.pk}


def post(ticket: dict[str, object], address: str = "192.0.2.1", forwarded: str = "") -> int:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return APIClient(REMOTE_ADDR=address).post(LIST, ticket, headers=headers).status_code


def test_the_fourth_ticket_of_an_address_must_wait(ticket: dict[str, object]) -> None:
    assert [post(ticket) for _ in range(4)] == [201, 201, 201, 429]
    assert Ticket.objects.count() == 3
    assert post(ticket, address="192.0.2.2") == 201


def test_a_refusal_says_how_long_to_wait(ticket: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_020.0  # the beginning of a minute
    monkeypatch.setattr(FileTicketThrottle, "timer", lambda _self: now)
    for _ in range(3):
        post(ticket)
    now += 20
    refused = APIClient(REMOTE_ADDR="192.0.2.1").post(LIST, ticket)
    assert refused.headers["Retry-After"] == "40"
    assert refused.json()["error"]["code"] == "throttled"
    now += 40
    assert post(ticket) == 201


def test_people_with_an_account_are_not_throttled(ticket: dict[str, object], student: User) -> None:
    client = client_of(student)
    assert {client.post(LIST, ticket).status_code for _ in range(5)} == {201}


@pytest.mark.parametrize(
    ("proxies", "codes"),
    [
        (0, [201, 201, 201, 429]),  # nobody in front: the header is the caller's invention
        (1, [201, 201, 201, 429]),  # the last entry is our proxy's; what stands before it is invented
    ],
)
def test_a_forged_address_gets_no_bucket_of_its_own(
    proxies: int, codes: list[int], ticket: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.settings import api_settings

    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)
    assert [post(ticket, forwarded=f"198.51.100.{n}, 192.0.2.9") for n in range(4)] == codes


def test_behind_a_proxy_each_client_has_its_own_bucket(
    ticket: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.settings import api_settings

    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    assert {post(ticket, forwarded=f"192.0.2.{n}") for n in range(5)} == {201}
