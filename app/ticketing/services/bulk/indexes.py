"""Indexes that a big load takes down and builds anew, which is several times quicker than keeping them up.

Each new ticket belongs somewhere in the middle of most indexes. Once these outgrow SQLite's page cache, every
row costs a handful of pages read and written; built from the finished table, an index is sorted and written
once. Both are part of the load's transaction: nobody sees the table without them, and a failure leaves them.

PostgreSQL would lock readers out while an index is gone, and is not short of cache: there they stay.
"""

from __future__ import annotations

from django.db import connection

from ticketing.models import Ticket

WORTHWHILE = 20_000  # rows written


class Indexes:
    """The indexes of the tickets, but for the unique ones, which are needed to refuse what is twice."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._down = connection.vendor != "sqlite"

    def written(self, rows: int, before: int) -> None:
        """Take the indexes down once more rows have been written than the table had `before`."""
        if not self._down and rows >= max(WORTHWHILE, before):
            self._down = True
            self._take_down()

    def restore(self) -> None:
        """Build what was taken down."""
        with connection.cursor() as cursor:
            for statement in self._statements:
                cursor.execute(statement)

    def _take_down(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
                "AND sql LIKE 'CREATE INDEX %%'",
                [Ticket._meta.db_table],
            )
            for name, statement in cursor.fetchall():
                cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
                self._statements.append(statement)
