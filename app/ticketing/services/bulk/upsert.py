"""SQL that the ORM has no words for: write a row if it is new or differs, and leave it alone if not."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from ticketing.models import Ticket


def upsert_sql(attributes: Iterable[str]) -> str:
    """The statement for a ticket: its key, the `attributes` (updated_at is the last), and one flag.

    A row that is there already is written only if one of the attributes differs; a difference in updated_at
    alone counts only where the flag is true. The cursor's `rowcount` is then the number of rows written.
    """
    quote = connection.ops.quote_name
    table, key = quote(Ticket._meta.db_table), quote("id")
    names = {field.attname: str(field.column) for field in Ticket._meta.concrete_fields}
    columns = [quote(names[attribute]) for attribute in attributes]
    *differences, newer = [_differs(table, column) for column in columns]
    return (
        f"INSERT INTO {table} ({', '.join([key, *columns])}) VALUES (%s{', %s' * len(columns)}) "  # noqa: S608 - our own names
        f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)} "
        f"WHERE {' OR '.join(differences)} OR (%s AND {newer})"
    )


def _differs(table: str, column: str) -> str:
    old = f"{table}.{column}"
    if column == connection.ops.quote_name("image"):  # none is NULL from the API, and empty from a fixture
        old = f"COALESCE({old}, '')"
    return f"{old} IS DISTINCT FROM excluded.{column}"
