from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from ticketing.models import Delivery, Department, Ticket
from ticketing.services.bulk import indexes, tickets
from ticketing.services.bulk.indexes import Indexes
from ticketing.services.bulk.tickets import TicketLoad
from ticketing.services.generator import DEPARTMENTS, fixture

pytestmark = pytest.mark.django_db

FLAT = {
    "id": 1,
    "name": "User 1",
    "email": "user1@example.com",
    "phone": "8000000001",
    "issue": "Login Issues",
    "priority": 3,
    "created_at": "2025-01-02T03:04:05",
    "user": None,
    "department": 3,
}


@pytest.fixture
def load(tmp_path: Path) -> Any:  # noqa: ANN401 - a closure that tests call with text or records
    def run(content: object, *options: str) -> str:
        path = tmp_path / "tickets.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, Iterator):
            path.write_text("".join(content))
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        out = StringIO()
        call_command("load_tickets", str(path), *options, stdout=out)
        return out.getvalue()

    return run


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Department, Ticket)]


def rows_but_for_the_moment() -> list[Any]:
    """Without updated_at: where a file does not say, it is the moment of loading."""
    departments, tickets = rows()
    return [departments, [ticket | {"updated_at": None} for ticket in tickets]]


def test_the_generated_fixture(load: Any) -> None:  # noqa: ANN401
    report = load(fixture(1300, 10))
    assert "Departments: 10 created" in report
    assert "Tickets: 1,300 created" in report
    assert (Department.objects.count(), Ticket.objects.count()) == (10, 1300)


def test_it_gives_what_loaddata_gives(load: Any, tmp_path: Path) -> None:  # noqa: ANN401
    load(fixture(50, 10))
    ours = rows_but_for_the_moment()
    Department.objects.all().delete()
    call_command("loaddata", str(tmp_path / "tickets.json"), verbosity=0)
    assert rows_but_for_the_moment() == ours
    assert "Nothing to do" in load(fixture(50, 10))


def test_the_flat_list_of_the_course_guide(load: Any) -> None:  # noqa: ANN401
    load([FLAT, FLAT | {"id": 2, "department": 12}])
    ticket = Ticket.objects.get(pk=1)
    assert ticket.created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert ticket.department == Department(pk=3)
    assert dict(Department.objects.values_list("pk", "name")) == {3: DEPARTMENTS[2], 12: "Department 12"}
    assert "Nothing to do" in load([FLAT, FLAT | {"id": 2, "department": 12}])


def test_a_second_run_changes_nothing(load: Any) -> None:  # noqa: ANN401
    load(fixture(600, 10))
    before = rows()
    report = load(fixture(600, 10))
    assert "0 created, 0 changed, 600 unchanged" in report
    assert "Nothing to do" in report
    assert "written" not in report
    assert rows() == before


def test_only_what_differs_is_written(load: Any) -> None:  # noqa: ANN401
    load([FLAT, FLAT | {"id": 2}])
    Delivery.objects.create(webhook="1", ticket_id=2, state=Delivery.State.SENT)
    report = load([FLAT, FLAT | {"id": 2, "issue": "System Crash"}, FLAT | {"id": 3}])
    assert "Tickets: 1 created, 1 changed, 1 unchanged" in report
    assert Ticket.objects.get(pk=2).issue == "System Crash"
    assert Delivery.objects.count() == 1  # the row was changed in place, not replaced


def test_an_existing_department_keeps_its_name(load: Any) -> None:  # noqa: ANN401
    Department.objects.create(pk=3, name="Our own networks")
    load([FLAT])
    assert Department.objects.get().name == "Our own networks"


def test_new_rows_continue_after_loaded_ones(load: Any) -> None:  # noqa: ANN401
    load([FLAT | {"id": 500}])
    ticket = Ticket.objects.get()
    ticket.pk = None
    ticket.save()
    assert ticket.pk == 501


def test_postgresql_sequences_are_reset(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    asked: list[object] = []

    def reset(_style: object, models: list[object]) -> list[str]:
        asked.extend(models)
        return []

    monkeypatch.setattr(connection.ops, "sequence_reset_sql", reset)
    load([FLAT])
    assert asked == [Department, Ticket]


def test_owners_are_kept(load: Any, student: User) -> None:  # noqa: ANN401
    load([FLAT | {"user": student.pk}])
    assert Ticket.objects.get().user == student


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.TextIOWrapper(io.BytesIO(json.dumps([FLAT]).encode()))
    monkeypatch.setattr("sys.stdin", text)
    call_command("load_tickets", "-", stdout=StringIO())
    assert Ticket.objects.count() == 1


def test_if_empty_leaves_a_used_database_alone(load: Any) -> None:  # noqa: ANN401
    load([FLAT], "--if-empty")
    assert "nothing loaded" in load([FLAT | {"id": 2}], "--if-empty")
    assert Ticket.objects.count() == 1


def without(field: str) -> dict[str, object]:
    return {name: value for name, value in FLAT.items() if name != field}


def department(pk: object, name: object) -> dict[str, object]:
    return {"model": "ticketing.department", "pk": pk, "fields": {"name": name}}


def agents(keys: object) -> dict[str, object]:
    return {"model": "ticketing.department", "pk": 7, "fields": {"name": "X", "agents": keys}}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("text", "Record 2: must be an object"),
        (FLAT | {"id": "7"}, "Record 2, field id: must be a whole number"),
        (FLAT | {"id": True}, "Record 2, field id: must be a whole number"),
        (FLAT | {"id": 0}, "Record 2, field id: must be a whole number"),
        (FLAT | {"id": 2**53}, "Record 2, field id: must be a whole number from 1 to 9007199254740991"),
        (without("id"), "Record 2, field id: must be a whole number"),
        (FLAT, "Record 2, field id: 1 is already that of record 1"),
        (without("email") | {"id": 2}, "Record 2, field email: is missing"),
        (without("created_at") | {"id": 2}, "Record 2, field created_at: is missing"),
        (FLAT | {"id": 2, "colour": "red"}, "Record 2, field colour: is not known"),
        (FLAT | {"id": 2, "name": " "}, "Record 2, field name: must be a text that is not empty"),
        (FLAT | {"id": 2, "name": "n" * 256}, "Record 2, field name: must have at most 255 characters"),
        (FLAT | {"id": 2, "name": "a\0b"}, "Record 2, field name: has a character that cannot be stored"),
        (FLAT | {"id": 2, "issue": "\ud800"}, "Record 2, field issue: has a character that cannot be stored"),
        (FLAT | {"id": 2, "email": "nobody"}, "Record 2, field email: must be an e-mail address"),
        (FLAT | {"id": 2, "phone": 8000000001}, "Record 2, field phone: must be a text"),
        (FLAT | {"id": 2, "phone": "8" * 21}, "Record 2, field phone: must have at most 20"),
        (FLAT | {"id": 2, "priority": 4}, "Record 2, field priority: must be 1 (Low)"),
        (FLAT | {"id": 2, "priority": True}, "Record 2, field priority: must be 1 (Low)"),
        (FLAT | {"id": 2, "priority": [1]}, "Record 2, field priority: must be 1 (Low)"),
        (FLAT | {"id": 2, "created_at": "yesterday"}, "Record 2, field created_at: must be a date and time"),
        (FLAT | {"id": 2, "created_at": "2025-02-30T00:00:00"}, "Record 2, field created_at: must be a date"),
        (FLAT | {"id": 2, "created_at": "0001-01-01T00:00:00+14:00"}, "field created_at: must be a date"),
        (FLAT | {"id": 2, "department": None}, "Record 2, field department: must be a whole number"),
        (FLAT | {"id": 2, "department": "Printing"}, "Record 2, field department: must be a whole number"),
        (FLAT | {"id": 2, "user": 999}, "Record 2, field user: there is no user 999"),
        (FLAT | {"id": 2, "image": "../../etc/passwd"}, "Record 2, field image: must be a path below"),
        (FLAT | {"id": 2, "image": "/etc/passwd"}, "Record 2, field image: must be a path below"),
        (FLAT | {"id": 2, "assignee": 999}, "Record 2, field assignee: there is no user 999"),
        (FLAT | {"id": 2, "status": "done"}, "Record 2, field status: must be one of open, in_progress"),
        (FLAT | {"id": 2, "device": None}, "Record 2, field device: must be a text"),
        (FLAT | {"id": 2, "interface": "i" * 61}, "Record 2, field interface: must have at most 60"),
        (FLAT | {"id": 2, "updated_at": None}, "Record 2, field updated_at: must be a date and time"),
        (FLAT | {"id": 2, "new\nline": 1}, "Record 2, field 'new\\nline': is not known"),
        (
            FLAT | {"id": 2, "source": "nagios", "external_id": "7"},
            "field external_id: '7' of source 'nagios' is already that of ticket 60 in the database",
        ),
        (agents(["x"]), "Record 2, field agents: must be a whole number"),
        (agents([999]), "Record 2, field agents: there is no user 999"),
        (department(7, "Network Operations"), "field department: department 3 would be called"),
        (department(7, "Taken"), "Record 2, field name: department 7 would be called 'Taken'"),
        (department(7, ""), "Record 2, field name: must be a text"),
        (department(None, "X"), "Record 2, field pk: must be a whole number"),
        (
            {"model": "auth.user", "pk": 1, "fields": {}},
            "Record 2, field model: must be ticketing.",
        ),
        ({"model": "ticketing.ticket", "pk": 1}, "Record 2, field fields: must be an object"),
    ],
)
def test_a_bad_record_is_named_and_nothing_changes(record: object, message: str, load: Any) -> None:  # noqa: ANN401
    taken = Department.objects.create(pk=50, name="Taken")
    Ticket.objects.create(pk=60, department=taken, source="nagios", external_id="7")
    before = rows()
    with pytest.raises(CommandError) as caught:
        load([FLAT, record])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert rows() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[\n  {"id": 1,\n}]', "line 3, column 1"),
        ("", "line 1, column 1"),
        ('{"id": 1}', "must be a list"),
        (b"[\xff]", "byte 2 is not UTF-8"),
        ('[{"id": NaN}]', "number"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "number"),
    ],
)
def test_what_is_not_a_list_of_json_is_refused(content: object, message: str, load: Any) -> None:  # noqa: ANN401
    with pytest.raises(CommandError, match=message):
        load(content)


def test_a_byte_order_mark_is_forgiven(load: Any) -> None:  # noqa: ANN401
    load(b"\xef\xbb\xbf" + json.dumps([FLAT]).encode())
    assert Ticket.objects.count() == 1


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.json: cannot be read \(No such file"):
        call_command("load_tickets", "nowhere.json")


def test_a_failure_half_way_leaves_nothing(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(tickets, "CHUNK", 10)
    written: list[int] = []

    def fail(*_: object) -> None:
        written.append(Ticket.objects.count())
        if len(written) == 2:
            raise OperationalError("disk I/O error")

    monkeypatch.setattr(Indexes, "written", fail)
    with pytest.raises(CommandError, match="disk I/O error"):
        load(fixture(40, 10))
    assert written == [10, 20]
    assert rows() == [[], []]


@pytest.mark.parametrize("fails", [False, True])
def test_a_big_load_leaves_the_indexes_as_they_were(
    fails: bool,
    load: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tickets, "CHUNK", 10)
    monkeypatch.setattr(indexes, "WORTHWHILE", 20)
    before, seen = index_statements(), []
    monkeypatch.setattr(TicketLoad, "_refuse_taken_reports", lambda *_: seen.append(len(index_statements())))
    if fails:
        with pytest.raises(CommandError, match="Record 41"):
            load([FLAT | {"id": pk} for pk in range(1, 41)] + [{}])
    else:
        load([FLAT | {"id": pk} for pk in range(1, 41)])
    all_, few = len(before), 1  # the one that says what may not be twice
    assert seen == ([all_, all_, few, few] if connection.vendor == "sqlite" else [all_] * 4)
    assert index_statements() == before


def index_statements() -> set[tuple[str, str]]:
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'ticketing_ticket'"
    if connection.vendor == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'ticketing_ticket' AND type = 'index'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(cursor.fetchall())


def test_an_unmigrated_database_is_named(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr("drf_jwt_backend.readiness._migrations_on_disk", lambda: {("ticketing", "9999_new")})
    with pytest.raises(CommandError, match=r"ticketing\.9999_new.*manage\.py migrate"):
        load([FLAT])
