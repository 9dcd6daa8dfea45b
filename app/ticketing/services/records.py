"""From the records of a file to rows of departments and tickets, each field checked.

Two formats, told apart record by record: Django fixtures (`{"model": …, "pk": …, "fields": {…}}`) and the
flat tickets of the original course guide (`{"id": 1, "name": "User 1", …}`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ticketing.models import Department, Ticket
from ticketing.services import fields
from ticketing.services.fields import FieldError
from ticketing.services.json_input import InputError

Model = type[Department] | type[Ticket]
MODELS: Mapping[str, Model] = {"ticketing.department": Department, "ticketing.ticket": Ticket}


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field of a record goes, how it is checked, and what stands in when it is left out."""

    attribute: str
    check: Callable[[object], Any]
    default: Any = ...


DEPARTMENT_COLUMNS: Mapping[str, Column] = {
    "name": Column("name", fields.text_up_to(255)),
    "agents": Column("agents", fields.keys, None),  # who works there stays as it is
}
TICKET_COLUMNS: Mapping[str, Column] = {
    "name": Column("name", fields.text_up_to(255)),
    "email": Column("email", fields.email),
    "phone": Column("phone", fields.text_up_to(20)),
    "issue": Column("issue", fields.text),
    "priority": Column("priority", fields.priority, Ticket.Priority.MEDIUM.value),
    "image": Column("image", fields.image, ""),
    # Required: 'now' in its place would make every load of the same file a change.
    "created_at": Column("created_at", fields.moment),
    "user": Column("user_id", fields.key_or_none, None),
    "department": Column("department_id", fields.key),
    "status": Column("status", fields.status, Ticket.Status.OPEN.value),
    "assignee": Column("assignee_id", fields.key_or_none, None),
    "device": Column("device", fields.any_text_up_to(100), ""),
    "interface": Column("interface", fields.any_text_up_to(60), ""),
    "source": Column("source", fields.any_text_up_to(50), ""),
    "external_id": Column("external_id", fields.any_text_up_to(100), ""),
    # None: the moment of loading, if anything else in the row is new.
    "updated_at": Column("updated_at", fields.moment, None),
}
COLUMNS: Mapping[Model, Mapping[str, Column]] = {Department: DEPARTMENT_COLUMNS, Ticket: TICKET_COLUMNS}
# Each field's place in the row, and its check; the row of somebody who says nothing; and what must be said.
_CHECKS = {
    model: {name: (place, column.check) for place, (name, column) in enumerate(columns.items(), start=1)}
    for model, columns in COLUMNS.items()
}
_DEFAULTS = {
    model: [None, *(column.default for column in columns.values())] for model, columns in COLUMNS.items()
}
_REQUIRED = {
    model: [name for name, column in columns.items() if column.default is ...]
    for model, columns in COLUMNS.items()
}


class Row(NamedTuple):
    """What a record says: its number in the file (from 1), and the key and then the columns' values."""

    number: int
    model: Model
    values: list[Any]


def bad_field(number: int, name: str, reason: object) -> InputError:
    """The one sentence about a field that cannot be accepted."""
    # A field that nobody knows may be called anything, even what no terminal can show.
    shown = name if name.isprintable() else ascii(name)
    return InputError(f"Record {number}, field {shown}: {reason}.")


def parse(records: Iterable[object]) -> Iterator[Row]:
    """Check each record on its own; what depends on others and on the database is the loader's to check.

    Raises `InputError` that names record number, field and reason.
    """
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise InputError(f"Record {number}: must be an object, {{ … }}.")
        if "model" in record:
            yield _fixture_row(number, record)
        else:
            pk = _key(number, "id", record.pop("id", None))
            yield _row(number, Ticket, pk, record)


def _fixture_row(number: int, record: dict[str, Any]) -> Row:
    values = record.get("fields")
    if not isinstance(values, dict):
        raise bad_field(number, "fields", "must be an object, { … }")
    name = record["model"]
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        raise bad_field(
            number, "model", "must be ticketing.department or ticketing.ticket (loaddata reads the others)"
        )
    return _row(number, model, _key(number, "pk", record.get("pk")), values)


def _key(number: int, name: str, value: object) -> int:
    try:
        return fields.key(value)
    except FieldError as reason:
        raise bad_field(number, name, reason) from reason


def _row(number: int, model: Model, pk: int, values: Mapping[str, object]) -> Row:
    """All that is said, checked; neither a missing nor an unknown field gets past."""
    checks, row = _CHECKS[model], _DEFAULTS[model].copy()
    row[0] = pk
    try:
        for name, value in values.items():
            place, check = checks[name]
            row[place] = check(value)
    except FieldError as reason:
        raise bad_field(number, name, reason) from reason
    except KeyError as unknown:
        raise bad_field(number, name, f"is not known; the fields are {', '.join(checks)}") from unknown
    for name in _REQUIRED[model]:
        if name not in values:
            raise bad_field(number, name, "is missing")
    return Row(number, model, row)
