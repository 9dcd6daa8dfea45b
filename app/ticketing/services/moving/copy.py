"""Copy a whole database into another: all of it as it was at one moment, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections, transaction
from django.db.models import Model

from ticketing.services.moving import numbers, tables
from ticketing.services.moving.tables import Contents

Progress = Callable[[str], None]


class CopyError(Exception):
    """The copy cannot be made, or is not what it was made from; the text says why, and what mends it."""


def copy(source: str, target: str, *, force: bool, progress: Progress) -> dict[str, Contents]:
    """Copy everything from one connection (by alias) into another; returns what each table now has.

    The target's tables must be there, and hold no data unless `force` says that it may go. Raises CopyError,
    and then the target is as it was. What was written is read again and compared before it counts.
    """
    with _moment(source), transaction.atomic(using=target):
        everything = tables.models()
        _check_room(everything, target, force=force)
        # Sequences know no rollback: the target's may go forward, but not back.
        given = {model: numbers.last_given(model, target) for model in everything}
        for model in everything:
            tables.empty(model, target)
        for model in everything:
            progress(f"Copying {model._meta.db_table}.")
            _write(model, source, target, given[model])
        return {model._meta.db_table: _compared(model, source, target) for model in everything}


def _check_room(everything: list[type[Model]], target: str, *, force: bool) -> None:
    for model in everything:
        table = model._meta.db_table
        if force or table in tables.MADE_BY_MIGRATE:
            continue
        if number := model._base_manager.using(target).count():
            raise CopyError(
                f"the target holds data already ({number} rows in {table}); add --force to replace all of it"
            )


def _write(model: type[Model], source: str, target: str, given: int | None) -> None:
    try:
        tables.write(model, target, tables.rows(model, source))
        if (last := numbers.last_given(model, source)) is not None:
            numbers.go_on_after(model, target, max(last, given or 0))
    except (DatabaseError, ValueError) as error:
        why = f"{model._meta.db_table} ({' '.join(str(error).split())})"
        raise CopyError(f"the target does not take a row of {why}; mend it in the source") from error


def _compared(model: type[Model], source: str, target: str) -> Contents:
    before, after = tables.contents(model, source), tables.contents(model, target)
    if before != after:
        raise CopyError(
            f"{model._meta.db_table} did not arrive as it was: {before.rows} rows with digest "
            f"{before.digest[:12]} became {after.rows} with {after.digest[:12]}; please report it"
        )
    return after


@contextmanager
def _moment(alias: str) -> Iterator[None]:
    """Let all that is read be of one moment: SQLite's read transaction, PostgreSQL's repeatable read."""
    with transaction.atomic(using=alias):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
