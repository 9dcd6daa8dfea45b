"""Idempotency-Key: sent twice, filed once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from tests.unit.service.racing import at_once, database_of_its_own
from ticketing.api import idempotency
from ticketing.models import Department, IdempotencyKey, Ticket, TicketEvent

LIST = "/api/tickets/"


def post(client: APIClient, body: dict[str, object], key: str = "key-1") -> Any:  # noqa: ANN401 - a response
    return client.post(LIST, body, headers={"idempotency-key": key})


@pytest.mark.django_db
def test_the_same_again_is_the_first_answer_again(
    student: User, instructor: User, filed: dict[str, object]
) -> None:
    client = client_of(student)
    first = post(client, filed)
    client_of(instructor).patch(first.headers["Location"], {"status": "closed"})
    again = post(client, dict(reversed(filed.items())))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("Location", "ETag"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (Ticket.objects.count(), TicketEvent.objects.filter(action="created").count()) == (1, 1)


@pytest.mark.django_db
def test_a_deleted_ticket_is_not_filed_again(
    student: User, instructor: User, filed: dict[str, object]
) -> None:
    client_of(instructor).delete(post(client_of(student), filed).headers["Location"])
    assert post(client_of(student), filed).headers["Idempotency-Replayed"] == "true"
    assert not Ticket.objects.exists()


@pytest.mark.django_db
def test_another_body_is_refused(student: User, filed: dict[str, object]) -> None:
    post(client_of(student), filed)
    refused = post(client_of(student), filed | {"issue": "Another"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_a_key_is_its_senders_own(student: User, other_student: User, filed: dict[str, object]) -> None:
    clients = [client_of(student), client_of(other_student)]
    clients += [APIClient(REMOTE_ADDR=f"192.0.2.{number}") for number in (1, 2)]
    numbers = [post(client, filed).json()["id"] for client in clients]
    assert len(set(numbers)) == 4
    assert [post(client, filed).json()["id"] for client in clients] == numbers


@pytest.mark.django_db
def test_a_refused_ticket_leaves_its_key_free(student: User, filed: dict[str, object]) -> None:
    assert post(client_of(student), filed | {"email": "none"}).status_code == 400
    assert post(client_of(student), filed).status_code == 201


@pytest.mark.django_db
def test_keys_expire_after_a_day(student: User, filed: dict[str, object]) -> None:
    def age(hours: float) -> None:
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=hours))

    post(client_of(student), filed)
    age(23.9)
    assert "Idempotency-Replayed" in post(client_of(student), filed).headers
    age(24.1)
    assert "Idempotency-Replayed" not in post(client_of(student), filed).headers
    assert (Ticket.objects.count(), IdempotencyKey.objects.count()) == (2, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "two words", "k" * 256, "sch\xf6n", "tab\t"])
def test_a_malformed_key_is_refused(key: str, student: User, filed: dict[str, object]) -> None:
    refused = post(client_of(student), filed, key)
    assert refused.status_code == 400
    sentence = "The header must be 1 to 255 visible ASCII characters."
    assert refused.json()["error"]["fields"] == {"Idempotency-Key": [sentence]}
    assert not Ticket.objects.exists()


@pytest.mark.django_db
def test_the_longest_key_is_taken(student: User, filed: dict[str, object]) -> None:
    assert post(client_of(student), filed, "~" * 255).status_code == 201


@pytest.mark.django_db
def test_a_report_is_replayed_with_its_own_status(agent: User, filed: dict[str, object]) -> None:
    report = filed | {"source": "icinga", "external_id": "1"}
    assert [post(client_of(agent), report, key).status_code for key in "aabb"] == [201, 201, 200, 200]


@pytest.mark.django_db(transaction=True)
def test_the_twin_that_comes_second_gets_the_firsts_answer(
    student: User, filed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, recall = post(client_of(student), filed), idempotency._recall
    answers = iter([lambda _: None, recall])  # the twin looked before the first had its key in
    monkeypatch.setattr(idempotency, "_recall", lambda key: next(answers)(key))
    twin = post(client_of(student), filed)
    assert (twin.content, twin.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_twins_file_one_ticket(tmp_path: Path) -> None:
    with database_of_its_own(tmp_path):
        desk = Department.objects.create(name="Desk")
        user = User.objects.create(username="monitor")
        body: dict[str, object] = {"name": "A", "email": "a@example.com", "phone": "1", "issue": "X"}
        body["department"] = desk.pk
        answers = at_once(lambda: post(client_of(user), body), 8)
        assert [answer.status_code for answer in answers] == [201] * 8
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
        assert (Ticket.objects.count(), TicketEvent.objects.count()) == (1, 1)
