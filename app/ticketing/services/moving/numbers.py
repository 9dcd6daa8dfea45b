"""Which id a table gives out next: none that it has given before, even if its row is gone."""

from __future__ import annotations

from django.db import connections
from django.db.models import AutoField, Max, Model


def last_given(model: type[Model], alias: str) -> int | None:
    """The highest id that the table has ever given out; None where keys are no numbers of its own."""
    if not isinstance(model._meta.pk, AutoField):
        return None
    highest = model._base_manager.using(alias).aggregate(highest=Max("pk"))["highest"] or 0
    return max(highest, _remembered(model, alias))


def go_on_after(model: type[Model], alias: str, last: int) -> None:
    """Let the table's next id be the one after `last`."""
    table = model._meta.db_table
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
        else:
            # The third parameter: whether the number itself was given out already.
            cursor.execute("SELECT setval(%s, %s, %s)", [_sequence(model, alias), max(last, 1), last > 0])


def _remembered(model: type[Model], alias: str) -> int:
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        else:
            cursor.execute("SELECT pg_sequence_last_value(%s)", [_sequence(model, alias)])
        found = cursor.fetchone()
    return int((found and found[0]) or 0)


def _sequence(model: type[Model], alias: str) -> str:
    name = connections[alias].ops.quote_name(model._meta.db_table)
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [name, model._meta.pk.column])
        return str(cursor.fetchone()[0])
