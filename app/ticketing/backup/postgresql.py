"""PostgreSQL's side of a backup: every table as COPY writes it, read in one transaction, written in one.

Not by pg_dump: here the rows can be counted and digested in the very transaction that reads or replaces them,
and the app needs no program of PostgreSQL beside it. In the file, each table is a line of JSON, its rows, and
a line `\\.`; each sequence is a line of JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader

from ticketing.backup.manifest import BadBackup, Table

_END = b"\\.\n"  # no row is this line: COPY doubles a backslash that is a row's own
_LAYOUT = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = """
    SELECT sequencename, coalesce(last_value + increment_by, start_value)
    FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename
"""
_PATIENCE = "30s"  # that a restore waits for whoever writes


def size() -> int:
    """About how many bytes a snapshot takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def snapshot(path: Path) -> None:
    """Write every table as it is at this moment; others write on meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor, path.open("wb") as out:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table, columns in _layout(cursor).items():
            out.write(_line(table=table, columns=columns))
            for rows in _rows(cursor, table, columns):
                out.write(rows)
            out.write(_END)
        # Not of this moment but later: they may skip a number, and never give one twice.
        cursor.execute(_SEQUENCES)
        for name, following in cursor.fetchall():
            out.write(_line(sequence=name, next=following))


def tables(path: Path) -> dict[str, Table]:
    """Every table in the file, with the digest of its rows; raises BadBackup if it cannot be read."""
    return {head["table"]: _digest(rows) for head, rows in _sections(path) if "table" in head}


def images(path: Path) -> list[str]:
    """The names of all pictures that tickets have."""
    names: set[str] = set()
    for head, rows in _sections(path):
        if head.get("table") == "ticketing_ticket":
            place = head["columns"].index("image")
            found = (row.rstrip(b"\n").split(b"\t")[place].decode() for row in rows)
            names |= {name.replace("\\\\", "\\") for name in found if name not in ("", "\\N")}
    return sorted(names)


def bring_up_to_date(path: Path, migrations: list[str]) -> bool:  # noqa: ARG001
    """Nothing that can be done with rows alone: raises BadBackup for those of an earlier schema."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if missing := sorted(known - set(migrations)):
        raise BadBackup(
            f"it is of an earlier version of the kit (without {missing[0]}); restore it with that one, "
            "then update"
        )
    return False


def replace(path: Path, expected: dict[str, Table]) -> None:
    """Put the file's rows in the place of the database's, in one transaction that is undone if they differ.

    Raises BadBackup, and Django's OperationalError if others keep a table locked; then all is as before.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        layout = _layout(cursor)
        cursor.execute(f"TRUNCATE {', '.join(map(_quoted, layout))}")
        for head, rows in _sections(path):
            if "table" in head:
                _check_columns(head, layout)
                _write(cursor, head, rows)
            else:
                # Unlike setval, this is undone with the transaction.
                cursor.execute(f"ALTER SEQUENCE {_quoted(head['sequence'])} RESTART WITH {int(head['next'])}")
        found = {table: _digest(_rows(cursor, table, columns)) for table, columns in layout.items()}
        if found != expected:
            raise BadBackup("the database is not what was written to it, and was left as it was")


def _write(cursor: CursorWrapper, head: dict[str, Any], rows: Iterator[bytes]) -> None:
    names = ", ".join(map(_quoted, head["columns"]))
    with cursor.copy(f"COPY {_quoted(head['table'])} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write(row)


def _check_columns(head: dict[str, Any], layout: dict[str, list[str]]) -> None:
    if set(head["columns"]) != set(layout.get(head["table"], [])):
        raise BadBackup(f"its table {head['table']} has other columns than this version's")


def _layout(cursor: CursorWrapper) -> dict[str, list[str]]:
    """The columns of every table."""
    # How COPY writes moments is the session's to say.
    cursor.execute("SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true)")
    cursor.execute(_LAYOUT)
    return dict(cursor.fetchall())


def _rows(cursor: CursorWrapper, table: str, columns: list[str]) -> Iterator[bytes]:
    """The table's rows as COPY writes them, in the order of the first column: the key."""
    names = ", ".join(map(_quoted, columns))
    select = f"SELECT {names} FROM {_quoted(table)} ORDER BY {_quoted(columns[0])}"  # noqa: S608 - quoted
    with cursor.copy(f"COPY ({select}) TO STDOUT") as copy:
        for rows in copy:
            yield bytes(rows)


def _digest(rows: Iterator[bytes]) -> Table:
    sha256, count = hashlib.sha256(), 0
    for block in rows:
        sha256.update(block)
        count += block.count(b"\n")  # those inside a text are written as \n
    return Table(count, sha256.hexdigest())


def _sections(path: Path) -> Iterator[tuple[dict[str, Any], Iterator[bytes]]]:
    """Each table's or sequence's line, and the table's rows."""
    with path.open("rb") as file:
        for line in file:
            try:
                head: dict[str, Any] = json.loads(line)
            except ValueError as error:
                raise BadBackup("its database cannot be read") from error
            rows = iter(file.readline, _END) if "table" in head else iter(())
            yield head, _until_end(rows)
            for _ in _until_end(rows):  # what the caller did not want
                pass


def _until_end(rows: Iterator[bytes]) -> Iterator[bytes]:
    for row in rows:
        if not row:
            raise BadBackup("its database breaks off")
        yield row


def _line(**facts: object) -> bytes:
    return json.dumps(facts).encode() + b"\n"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
