"""SQLite's side of a backup: a snapshot as a file, and such a file put in the place of all that is there."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from django.conf import settings

from ticketing.backup import migrating
from ticketing.backup.manifest import BadBackup, Table

PATIENCE = 30.0  # seconds that a restore waits for whoever writes


def size() -> int:
    """About how many bytes a snapshot takes."""
    path = Path(settings.DATABASES["default"]["NAME"])
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*") if file.is_file())


def snapshot(path: Path) -> None:
    """Write the database as it is at this moment; others write on meanwhile.

    All pages in one step, which is one read transaction: SQLite would begin anew for each write in between.
    """
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as copy, _live() as live:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without the log and its index beside it


def images(path: Path) -> list[str]:
    """The names of all pictures that tickets have."""
    if "ticketing_ticket" not in _column(path, "SELECT name FROM sqlite_master"):
        return []
    return sorted(_column(path, "SELECT DISTINCT image FROM ticketing_ticket WHERE image <> ''"))


def bring_up_to_date(path: Path, migrations: list[str]) -> bool:  # noqa: ARG001 - the file itself knows
    """Apply the migrations that the file lacks; returns whether there were any. Raises BadBackup."""
    return migrating.bring_up_to_date(path)


def replace(path: Path, expected: dict[str, Table]) -> None:
    """Put the file's content in the place of the database's, in one transaction.

    Whoever has the database open sees the old content until then, and the new one in the next transaction.
    Raises BadBackup if others keep the database locked, and sqlite3's OperationalError when there is no room;
    then all is as before.
    """
    until = time.monotonic() + PATIENCE

    def hurry(*_: int) -> None:
        if time.monotonic() > until:
            raise BadBackup(f"the database is in use and was locked for {PATIENCE:.0f} s")

    with closing(sqlite3.connect(path)) as source, _live() as live:
        source.backup(live, progress=hurry, sleep=0.1)
        _check(live)
        if _tables(live) != expected:
            raise BadBackup("the database is not what was written to it; restore the safety backup")


def tables(path: Path) -> dict[str, Table]:
    """Every table in the file, with the digest of its rows; raises BadBackup if the file is not sound."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            _check(database)
            return _tables(database)
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"its database cannot be read ({error})") from error


def _column(path: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [str(row[0]) for row in database.execute(query)]


def _live() -> closing[sqlite3.Connection]:
    """The database in use, on a connection that reads values as they are stored (Django's converts some)."""
    return closing(sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=PATIENCE))


def _check(database: sqlite3.Connection) -> None:
    complaints = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
    if complaints != ["ok"]:
        raise BadBackup(f"its database is not sound ({complaints[0]})")
    if astray := database.execute("PRAGMA foreign_key_check").fetchone():
        raise BadBackup(f"its database is not sound (a row of {astray[0]} leads to none of {astray[2]})")


def _tables(database: sqlite3.Connection) -> dict[str, Table]:
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {name: _table(database, name) for (name,) in sorted(names.fetchall())}


def _table(database: sqlite3.Connection, name: str) -> Table:
    sha256, rows = hashlib.sha256(), 0
    quoted = name.replace('"', '""')
    for row in database.execute(f'SELECT * FROM "{quoted}" ORDER BY 1'):  # noqa: S608 - a name, quoted
        sha256.update(repr(row).encode())
        rows += 1
    return Table(rows, sha256.hexdigest())
