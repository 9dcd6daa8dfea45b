"""Bring the database in line with a file of departments and tickets: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth import get_user_model
from django.core.management.color import no_style
from django.db import connection, transaction

from ticketing.models import Department, Ticket
from ticketing.services.generator import DEPARTMENTS
from ticketing.services.records import DEPARTMENT_COLUMNS, TICKET_COLUMNS, Batch, Column, bad_field

CHUNK = 500  # rows written between two reports of progress

Row = TypeVar("Row", Department, Ticket)
Progress = Callable[[int, int], None]  # rows written so far, rows to write


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows of one kind were created, were changed, and were as in the file already."""

    created: int
    changed: int
    unchanged: int


@transaction.atomic
def load(batch: Batch, progress: Progress) -> tuple[Changes, Changes]:
    """Create what is missing and change what differs; returns the changes of departments and of tickets.

    Loading the same file again changes nothing. Raises `InputError`, and then nothing has changed either.
    """
    departments = batch.departments | _missing_departments(batch)
    _refuse_taken_names(departments, batch)
    _refuse_unknown_users(batch)
    changes = (
        _upsert(Department, [row for _, row in departments.values()], DEPARTMENT_COLUMNS.values(), None),
        _upsert(Ticket, [row for _, row in batch.tickets.values()], TICKET_COLUMNS.values(), progress),
    )
    _reset_sequences()
    return changes


def _missing_departments(batch: Batch) -> dict[int, tuple[int, Department]]:
    """The departments that tickets name and nobody has made, each with the first such record's number."""
    known = batch.departments.keys() | set(Department.objects.values_list("pk", flat=True))
    missing: dict[int, tuple[int, Department]] = {}
    for number, ticket in batch.tickets.values():
        pk = ticket.department_id
        if pk not in known and pk not in missing:
            name = DEPARTMENTS[pk - 1] if pk <= len(DEPARTMENTS) else f"Department {pk}"
            missing[pk] = (number, Department(id=pk, name=name))
    return missing


def _refuse_taken_names(departments: dict[int, tuple[int, Department]], batch: Batch) -> None:
    holders = dict(Department.objects.values_list("name", "pk"))
    for pk, (number, department) in departments.items():
        holder = holders.setdefault(department.name, pk)
        if holder != pk:
            field = "name" if pk in batch.departments else "department"
            reason = f"department {pk} would be called {department.name!r}, as department {holder} is"
            raise bad_field(number, field, f"{reason}; rename one of the two")


def _refuse_unknown_users(batch: Batch) -> None:
    named = {ticket.user_id for _, ticket in batch.tickets.values() if ticket.user_id is not None}
    known = get_user_model().objects.in_bulk(named)
    for number, ticket in batch.tickets.values():
        if ticket.user_id is not None and ticket.user_id not in known:
            raise bad_field(
                number, "user", f"there is no user {ticket.user_id}; create the user or write null"
            )


def _upsert(
    model: type[Row], rows: list[Row], columns: Iterable[Column], progress: Progress | None
) -> Changes:
    attributes = [column.attribute for column in columns]
    existing = model._default_manager.in_bulk([row.pk for row in rows])
    known = [row for row in rows if row.pk in existing]
    changed = [row for row in known if _state(row, attributes) != _state(existing[row.pk], attributes)]
    created = [row for row in rows if row.pk not in existing]
    to_write = created + changed
    for start in range(0, len(to_write), CHUNK):
        chunk = to_write[start : start + CHUNK]
        model._default_manager.bulk_create(
            chunk, update_conflicts=True, unique_fields=["id"], update_fields=attributes
        )
        if progress is not None:
            progress(start + len(chunk), len(to_write))
    return Changes(len(created), len(changed), len(known) - len(changed))


def _state(row: Department | Ticket, attributes: list[str]) -> list[str]:
    # As texts, so that an image column that is NULL equals one that is empty.
    return [str(getattr(row, attribute)) for attribute in attributes]


def _reset_sequences() -> None:
    """Rows with keys of their own leave PostgreSQL's sequences behind; SQLite needs no statement here."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Department, Ticket]):
            cursor.execute(statement)
