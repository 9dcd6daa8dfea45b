"""Nothing is sent twice: ETags, If-None-Match, and what caches may keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.api import etags
from ticketing.models import Ticket

MakeTicket = Callable[..., Ticket]
LIST = "/api/tickets/"


def test_a_tag_tells_the_version_and_takes_it_back() -> None:
    moment = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    for variant in ("", "3f"):
        assert etags.version(etags.tag(7, moment, variant), 7) == moment
    assert etags.version(etags.tag(7, moment), 8) is None
    assert etags.version("W/" + etags.tag(7, moment), 7) is None


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (None, False),
        ("", False),
        ("*", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", W/"a"', True),
        ('"b"', False),
        ("a", False),
        ('"', False),
    ],
)
def test_if_none_match_compares_weakly(header: str | None, known: bool) -> None:
    assert etags.is_known('"a"', header) is known


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?fields=id,issue"])
def test_a_ticket_is_sent_again_only_when_it_changed(
    query: str, student: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(user=student)
    client = client_of(student)
    address = f"{LIST}{ticket.pk}/{query}"
    first = client.get(address)
    etag = first.headers["ETag"]
    again = client.get(address, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    ticket.issue = "Solved itself"
    ticket.save()
    changed = client.get(address, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    assert changed.json()["issue"] == "Solved itself"


@pytest.mark.django_db
def test_each_choice_of_fields_has_its_own_tag(student: User, make_ticket: MakeTicket) -> None:
    address = f"{LIST}{make_ticket(user=student).pk}/"
    client = client_of(student)
    tags = {client.get(address + query).headers["ETag"] for query in ("", "?fields=id", "?fields=id,name")}
    assert len(tags) == 3
    same = {client.get(address + query).headers["ETag"] for query in ("?fields=name,id", "?fields=id,name")}
    assert len(same) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?cursor=", "?search=login"])
def test_a_list_is_sent_again_only_when_it_changed(
    query: str, student: User, make_ticket: MakeTicket
) -> None:
    make_ticket(user=student)
    client = client_of(student)
    etag = client.get(LIST + query).headers["ETag"]
    assert client.get(LIST + query, headers={"if-none-match": etag}).status_code == 304
    make_ticket(user=student)
    assert client.get(LIST + query, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.django_db
def test_what_a_caller_reads_is_that_caller_s_alone(student: User, make_ticket: MakeTicket) -> None:
    client = client_of(student)
    address = f"{LIST}{make_ticket(user=student).pk}/"
    for answer in (
        client.get(LIST),
        client.get(address),
        client.get(address, headers={"accept": "text/html"}),
        client.get(address, headers={"if-none-match": "*"}),
    ):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.django_db
def test_indented_json_has_no_tag(student: User) -> None:
    answer = client_of(student).get(LIST, headers={"accept": "application/json; indent=4"})
    assert "ETag" not in answer.headers
    assert b'\n    "count": 0' in answer.content


@pytest.mark.django_db
def test_head_is_get_without_the_body(student: User, make_ticket: MakeTicket) -> None:
    client: APIClient = client_of(student)
    address = f"{LIST}{make_ticket(user=student).pk}/"
    head, get = client.head(address), client.get(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
