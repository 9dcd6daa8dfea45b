"""From the records of a file to departments and tickets, each field checked.

Two formats, told apart record by record: Django fixtures (`{"model": …, "pk": …, "fields": {…}}`) and the
flat tickets of the original course guide (`{"id": 1, "name": "User 1", …}`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ticketing.models import Department, Ticket
from ticketing.services import fields
from ticketing.services.fields import FieldError
from ticketing.services.json_input import InputError

Row = TypeVar("Row", Department, Ticket)


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field of a record goes, how it is checked, and what stands in when it is left out."""

    attribute: str
    check: Callable[[object], Any]
    default: Any = ...


DEPARTMENT_COLUMNS: Mapping[str, Column] = {"name": Column("name", fields.text_255)}
TICKET_COLUMNS: Mapping[str, Column] = {
    "name": Column("name", fields.text_255),
    "email": Column("email", fields.email),
    "phone": Column("phone", fields.phone),
    "issue": Column("issue", fields.text),
    "priority": Column("priority", fields.priority, Ticket.Priority.MEDIUM.value),
    "image": Column("image", fields.image, ""),
    # Required: 'now' in its place would make every load of the same file a change.
    "created_at": Column("created_at", fields.moment),
    "user": Column("user_id", fields.key_or_none, None),
    "department": Column("department_id", fields.key),
}


@dataclass(slots=True)
class Batch:
    """What one file holds: by id, the number of the record (from 1) and the object that it makes."""

    departments: dict[int, tuple[int, Department]] = field(default_factory=dict)
    tickets: dict[int, tuple[int, Ticket]] = field(default_factory=dict)


def bad_field(number: int, name: str, reason: object) -> InputError:
    """The one sentence about a field that cannot be accepted."""
    return InputError(f"Record {number}, field {name}: {reason}.")


def parse(records: list[object]) -> Batch:
    """Check each record on its own; what depends on the database is the loader's to check.

    Raises `InputError` that names record number, field and reason.
    """
    batch = Batch()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise InputError(f"Record {number}: must be an object, {{ … }}.")
        if "model" in record:
            _add_fixture_record(batch, number, record)
        else:
            values = {name: value for name, value in record.items() if name != "id"}
            ticket = Ticket(id=_key(number, "id", record), **_checked(number, TICKET_COLUMNS, values))
            _keep(batch.tickets, number, ticket)
    return batch


def _add_fixture_record(batch: Batch, number: int, record: dict[str, Any]) -> None:
    model, values = record["model"], record.get("fields")
    if not isinstance(values, dict):
        raise bad_field(number, "fields", "must be an object, { … }")
    if model == "ticketing.department":
        department = Department(id=_key(number, "pk", record), **_checked(number, DEPARTMENT_COLUMNS, values))
        _keep(batch.departments, number, department)
    elif model == "ticketing.ticket":
        ticket = Ticket(id=_key(number, "pk", record), **_checked(number, TICKET_COLUMNS, values))
        _keep(batch.tickets, number, ticket)
    else:
        raise bad_field(
            number, "model", "must be ticketing.department or ticketing.ticket (loaddata reads the others)"
        )


def _key(number: int, name: str, record: Mapping[str, object]) -> int:
    try:
        return fields.key(record.get(name))
    except FieldError as reason:
        raise bad_field(number, name, reason) from reason


def _checked(number: int, columns: Mapping[str, Column], values: Mapping[str, object]) -> dict[str, Any]:
    """The attributes that `values` gives, all checked; neither a needed nor an unknown field gets past."""
    unknown = next((name for name in values if name not in columns), None)
    if unknown is not None:
        raise bad_field(number, unknown, f"is not known; the fields are {', '.join(columns)}")
    return {column.attribute: _value(number, name, column, values) for name, column in columns.items()}


def _value(number: int, name: str, column: Column, values: Mapping[str, object]) -> object:
    if name not in values:
        if column.default is ...:
            raise bad_field(number, name, "is missing")
        return column.default
    try:
        return column.check(values[name])
    except FieldError as reason:
        raise bad_field(number, name, reason) from reason


def _keep(rows: dict[int, tuple[int, Row]], number: int, row: Row) -> None:
    if row.pk in rows:
        raise bad_field(number, "id", f"{row.pk} is already that of record {rows[row.pk][0]}")
    rows[row.pk] = (number, row)
