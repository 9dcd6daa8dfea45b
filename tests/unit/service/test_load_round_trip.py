"""What dumpdata writes, load_tickets reads: every column, and who works where."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from ticketing.models import Department, Ticket
from ticketing.services.bulk import tickets

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 3, 1, 12, tzinfo=UTC)
REPORT = {
    "name": "Monitor",
    "email": "monitor@example.com",
    "phone": "1",
    "issue": "down",
    "created_at": "2025-03-01T12:00:00Z",
    "department": 1,
    "source": "nagios",
}


@pytest.fixture
def load(tmp_path: Path) -> Any:  # noqa: ANN401 - a closure
    def run(content: object) -> str:
        path = tmp_path / "tickets.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        out = StringIO()
        call_command("load_tickets", str(path), stdout=out)
        return out.getvalue()

    return run


def dump() -> str:
    out = StringIO()
    call_command("dumpdata", "ticketing.department", "ticketing.ticket", stdout=out)
    return out.getvalue()


@pytest.fixture
def desk(student: User, instructor: User) -> Department:
    department = Department.objects.create(name="Network Operations")
    department.agents.add(instructor)
    ticket = Ticket.objects.create(
        name="Ada",
        email="ada@example.com",
        phone="1",
        issue="port flaps",
        user=student,
        department=department,
        assignee=instructor,
        status=Ticket.Status.ON_HOLD,
        device="core-sw1",
        interface="Gi1/0/24",
        source="nagios",
        external_id="4711",
    )
    # dumpdata writes milliseconds, and no more of a moment comes back.
    Ticket.objects.filter(pk=ticket.pk).update(created_at=LONG_AGO, updated_at=LONG_AGO)
    return department


def test_a_dump_is_what_the_database_says(desk: Department, load: Any) -> None:  # noqa: ANN401
    assert "Nothing to do" in load(dump())


def test_a_dump_brings_everything_back(desk: Department, load: Any) -> None:  # noqa: ANN401
    dumped, before = dump(), Ticket.objects.values().get()
    Department.objects.all().delete()
    load(dumped)
    assert Ticket.objects.values().get() == before
    assert dump() == dumped


def test_agents_that_a_file_does_not_name_stay(desk: Department, instructor: User, load: Any) -> None:  # noqa: ANN401
    fields = {"name": "Renamed"}
    load([{"model": "ticketing.department", "pk": desk.pk, "fields": fields}])
    assert list(desk.agents.all()) == [instructor]
    emptied = [{"model": "ticketing.department", "pk": desk.pk, "fields": fields | {"agents": []}}]
    assert "Departments: 0 created, 1 changed" in load(emptied)
    assert not desk.agents.exists()
    assert "Nothing to do" in load(emptied)


def test_updated_at_is_the_files_or_that_of_the_change(load: Any) -> None:  # noqa: ANN401
    given = REPORT | {"id": 1, "updated_at": "2025-03-01T12:00:00Z"}
    load([given])
    assert Ticket.objects.get().updated_at == LONG_AGO
    said_nothing = REPORT | {"id": 1}
    assert "Nothing to do" in load([said_nothing])
    assert Ticket.objects.get().updated_at == LONG_AGO
    begin = timezone.now()
    load([said_nothing | {"issue": "up again"}])
    assert Ticket.objects.get().updated_at >= begin
    assert "1 changed" in load([given | {"issue": "up again"}])
    assert Ticket.objects.get().updated_at == LONG_AGO


@pytest.mark.parametrize("chunk", [1, 1000])
def test_one_report_is_one_ticket(chunk: int, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(tickets, "CHUNK", chunk)
    with pytest.raises(CommandError, match=r"Record 2, field external_id: '7' of .* that of record 1\."):
        load([REPORT | {"id": pk, "external_id": "7"} for pk in (1, 2)])
    load([REPORT | {"id": pk, "external_id": str(pk)} for pk in (1, 2)])
    # Ticket 1 gives its report away, ticket 2 takes it.
    moved = [REPORT | {"id": pk, "external_id": str(pk - 1)} for pk in (1, 2)]
    load(moved)
    assert list(Ticket.objects.order_by("pk").values_list("external_id", flat=True)) == ["0", "1"]
    with pytest.raises(
        CommandError, match=r"Record 1, field external_id: .* that of ticket 2 in the database"
    ):
        load([REPORT | {"id": 1, "external_id": "1"}, REPORT | {"id": 2, "external_id": "0"}])


@pytest.mark.parametrize("chunk", [1, 1000])
def test_an_id_that_is_there_twice(chunk: int, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(tickets, "CHUNK", chunk)
    with pytest.raises(CommandError, match="Record 4, field id: 9 is already that of record 2"):
        load([REPORT | {"id": pk} for pk in (5, 9, 2, 9, 5)])
    assert not Ticket.objects.exists()
