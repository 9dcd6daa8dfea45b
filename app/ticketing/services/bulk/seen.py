"""Which tickets a file has brought so far, and in which record: in the database, as they may be millions."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from django.db import connection

from ticketing.models import Ticket
from ticketing.services.records import Row, bad_field

TABLE = "loaded_ticket"


class SeenTickets:
    """A context with a temporary table of ids and record numbers; to be used within a transaction."""

    def __enter__(self) -> SeenTickets:
        key = Ticket._meta.pk.db_type(connection)
        self._execute(f"CREATE TEMPORARY TABLE {TABLE} (id {key} PRIMARY KEY, record {key} NOT NULL)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # else the transaction is rolled back, and the table with it
            self._execute(f"DROP TABLE {TABLE}")

    def add(self, rows: Sequence[Row]) -> None:
        """Remember `rows`; raises `InputError` if one has the id of an earlier record."""
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} VALUES (%s, %s) ON CONFLICT DO NOTHING",  # noqa: S608
                [(row.values[0], row.number) for row in rows],
            )
            added = cursor.rowcount
        if added < len(rows):
            self._refuse_repeated(rows)

    def records(self, ids: Sequence[int]) -> dict[int, int]:
        """The record numbers of those of the tickets that the file has brought, by id."""
        with connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(ids))
            cursor.execute(f"SELECT id, record FROM {TABLE} WHERE id IN ({marks})", ids)  # noqa: S608
            return dict(cursor.fetchall())

    def _refuse_repeated(self, rows: Sequence[Row]) -> None:
        first = self.records([row.values[0] for row in rows])
        for row in rows:
            pk = row.values[0]
            if first[pk] != row.number:
                raise bad_field(row.number, "id", f"{pk} is already that of record {first[pk]}")

    @staticmethod
    def _execute(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
