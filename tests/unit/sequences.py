"""Ids as an empty table gives them out, whatever other tests have used up."""

from __future__ import annotations

from django.core.management.color import no_style
from django.db import connection, models


def renew(*tables: type[models.Model]) -> None:
    """Go on behind the highest id there is, with 1 in an empty table.

    PostgreSQL's sequences follow neither an id that a row brought along nor a rollback; SQLite's do.
    """
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
