"""Filing, changing and deleting tickets: what is taken and answered, what it costs, what bad input gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.models import Department, Ticket, TicketEvent
from ticketing.services import desk

MakeTicket = Callable[..., Ticket]
pytestmark = pytest.mark.django_db

LIST = "/api/tickets/"


def test_what_is_filed_is_answered_with_its_place_and_version(
    student: User, filed: dict[str, object]
) -> None:
    client = client_of(student)
    created = client.post(LIST, filed | {"device": "core-sw1", "interface": "Gi1/0/24"})
    assert created.status_code == 201
    body = created.json()
    assert body.items() >= filed.items()
    assert (body["priority"], body["status"], body["user"]) == (2, "open", student.pk)
    assert (body["device"], body["interface"]) == ("core-sw1", "Gi1/0/24")
    place = created.headers["Location"]
    assert place == f"{LIST}{body['id']}/"
    assert client.get(place).json()["issue"] == "Bug"
    changed = client.patch(place, {"issue": "Worse"}, headers={"if-match": created.headers["ETag"]})
    assert (changed.status_code, changed.json()["issue"]) == (200, "Worse")


def test_the_anonymous_see_what_they_filed_once(filed: dict[str, object]) -> None:
    created = APIClient().post(LIST, filed)
    assert created.json().items() >= (filed | {"user": None}).items()
    assert APIClient().get(created.headers["Location"]).status_code == 401


def test_what_the_server_sets_cannot_be_sent(
    student: User, other_student: User, agent: User, filed: dict[str, object]
) -> None:
    wanted: dict[str, object] = {
        "id": 4711,
        "user": other_student.pk,
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
        "image": "images/x.png",
    }
    client = client_of(student)
    created = client.post(LIST, filed | wanted | {"status": "closed", "assignee": agent.pk}).json()
    assert (created["user"], created["status"], created["assignee"]) == (student.pk, "open", None)
    assert created["image"] is None
    assert created["id"] != 4711
    assert not created["created_at"].startswith("2001")
    report = {"source": "icinga", "external_id": "7"}
    assert client.patch(f"{LIST}{created['id']}/", wanted | report).json() == created


@pytest.mark.parametrize(
    ("caller", "tables"),
    [
        # Without its first, an account's token: it is not looked up here.
        ("student", ["ticketing_department", "ticketing_ticket", "ticketing_ticketevent"]),
        (
            "anonymous",
            ["ticketing_ratewindow", "ticketing_department", "ticketing_ticket", "ticketing_ticketevent"],
        ),
    ],
)
def test_filing_takes_few_statements(
    caller: str, tables: list[str], student: User, filed: dict[str, object]
) -> None:
    client = client_of(student) if caller == "student" else APIClient()
    with CaptureQueriesContext(connection) as captured:
        assert client.post(LIST, filed).status_code == 201
    # Neither are PostgreSQL's locks, which belong to no table.
    noise = ("SAVEPOINT", "pg_advisory")
    statements = [query["sql"] for query in captured if not any(word in query["sql"] for word in noise)]
    assert [re.search(r'(?:INTO|FROM) "?(\w+)', sql)[1] for sql in statements] == tables  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", None),
        ("phone", "1" * 21),
        ("phone", ""),
        ("priority", 4),
        ("priority", True),
        ("priority", "2"),
        ("priority", 2**70),
        ("priority", [1]),
        ("department", 999),
        ("department", 2**70),
        ("department", 1.0),
        ("department", True),
        ("department", "1"),
        ("issue", ""),
        ("issue", 5),
        ("issue", "a\0b"),
        ("issue", "i" * 10_001),
        ("name", "n" * 256),
        ("device", "d" * 101),
        ("interface", None),
    ],
)
def test_a_bad_field_is_named(field: str, value: object, filed: dict[str, object]) -> None:
    response = APIClient().post(LIST, filed | {field: value})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b'{"priority": NaN}',
        b'{"department": 1e999}',
        b"[" * 100_000,
        b'{"priority": ' + b"9" * 5000 + b"}",
        b"[1]",
        b"null",
        b'"text"',
    ],
)
def test_a_bad_body_is_refused(body: bytes) -> None:
    for content_type in ("application/json", "application/json; charset=hex"):
        answer = APIClient().post(LIST, body, content_type=content_type)
        assert answer.status_code == 400, answer.content
        assert answer.json()["error"]["status"] == 400


def test_forms_work_as_well(filed: dict[str, object]) -> None:
    created = APIClient().post(LIST, {**filed, "priority": 3}, format="multipart")
    assert (created.status_code, created.json()["priority"]) == (201, 3)


def test_a_form_without_end_is_refused_in_the_same_shape() -> None:
    form = "&".join(f"f{number}=1" for number in range(2000))
    answer = Client().post(LIST, form, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "key", ["0", "abc", "99999999999999999999999", "-1", "1.5", "%00", "9223372036854775808"]
)
def test_an_impossible_id_is_not_found(key: str, instructor: User) -> None:
    client = client_of(instructor)
    for address in (f"{LIST}{key}/", f"{LIST}{key}/comments/", f"{LIST}{key}/events/"):
        assert client.get(address).status_code == 404
        assert client.get(address).json()["error"]["code"] == "not_found"
    for method in (client.patch, client.delete):
        assert method(f"{LIST}{key}/", {}).status_code == 404


def test_a_put_leaves_alone_what_is_optional(
    instructor: User, agent: User, make_ticket: MakeTicket, filed: dict[str, object]
) -> None:
    ticket = make_ticket(priority=3, assignee=agent, device="core-sw1")
    client, address = client_of(instructor), f"{LIST}{ticket.pk}/"
    changed = client.put(address, filed).json()
    assert changed.items() >= (filed | {"priority": 3, "assignee": agent.pk, "device": "core-sw1"}).items()
    assert list(client.put(address, {"issue": "X"}).json()["error"]["fields"]) == [
        "name",
        "email",
        "phone",
        "department",
    ]


def test_a_lost_update_is_refused(instructor: User, agent: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    address = f"{LIST}{ticket.pk}/"
    one, other = client_of(instructor), client_of(agent)
    first = one.patch(address, {"issue": "one"})
    other.patch(address, {"issue": "other"})
    for write in (one.patch, one.delete):
        refused = write(address, {"issue": "one again"}, headers={"if-match": first.headers["ETag"]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (412, "precondition_failed")
    ticket.refresh_from_db()
    assert ticket.issue == "other"


@pytest.mark.parametrize("form", ["{0}", "W/{0}", "*", ' {0} , "9-9"', '"9-9",{0}'])
def test_the_version_at_hand_may_be_changed_and_deleted(
    form: str, instructor: User, make_ticket: MakeTicket
) -> None:
    address = f"{LIST}{make_ticket().pk}/"
    client = client_of(instructor)
    tag = client.patch(address, {"issue": "one"}).headers["ETag"]
    changed = client.patch(address, {"issue": "two"}, headers={"if-match": form.format(tag)})
    assert changed.status_code == 200
    gone = client.delete(address, headers={"if-match": form.format(changed.headers["ETag"])})
    assert gone.status_code == 204


@pytest.mark.parametrize("tag", ["", "x", '"x"', '"1-1', '"1-99999999999999999"', "**"])
def test_what_is_no_version_is_refused(tag: str, instructor: User, make_ticket: MakeTicket) -> None:
    ticket, other = make_ticket(), make_ticket()
    client = client_of(instructor)
    foreign = client.patch(f"{LIST}{other.pk}/", {"issue": "X"}).headers["ETag"]
    for header in (tag, foreign):
        refused = client.patch(f"{LIST}{ticket.pk}/", {"issue": "X"}, headers={"if-match": header})
        assert refused.status_code == 412


def test_what_a_change_does_not_change_is_no_change(instructor: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=ticket.updated_at - timedelta(days=1))
    client = client_of(instructor)
    same = client.patch(f"{LIST}{ticket.pk}/", {"issue": ticket.issue, "department": ticket.department_id})
    assert same.status_code == 200
    assert not TicketEvent.objects.exists()
    assert Ticket.objects.get().updated_at == ticket.updated_at - timedelta(days=1)


def test_a_department_that_goes_while_one_files_is_a_conflict(
    filed: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IntegrityError("FOREIGN KEY constraint failed")

    monkeypatch.setattr(desk, "file", fail)
    answer = APIClient().post(LIST, filed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


def test_deleting_keeps_the_department(instructor: User, make_ticket: MakeTicket) -> None:
    assert client_of(instructor).delete(f"{LIST}{make_ticket().pk}/").status_code == 204
    assert Department.objects.count() == 1
    assert client_of(instructor).delete(f"{LIST}1/").status_code == 404
