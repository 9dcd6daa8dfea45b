"""From DATABASE_URL to Django's DATABASES entry."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from environs import ValidationError

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"

# Sixteen concurrent writers: 64 % errors with Django's defaults, none with these. IMMEDIATE takes the write
# lock when a transaction begins, so that a writer waits its turn (up to `timeout`, in seconds) instead of
# failing when it wants to turn its read lock into a write lock. WAL lets readers pass a writer. With it,
# synchronous=NORMAL would lose the last commits to a power cut, acknowledged tickets among them: FULL waits
# for the disk at each commit, which costs sixteen writers about a fifth of what they file (docs/drills.md).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}


def database(url: str) -> dict[str, Any]:
    """Django's settings for the database at `url` (sqlite:///… or postgres://…).

    Raises environs' `ValidationError` for a URL that is malformed, has another scheme, or names an SQLite
    file in a directory that is not there, and when the driver is not installed.
    """
    try:
        config = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ValidationError("not a database URL") from error
    if config["ENGINE"] == SQLITE:
        return _sqlite(config)
    if config["ENGINE"] == POSTGRESQL:
        if find_spec("psycopg") is None:
            raise ValidationError("PostgreSQL needs the Python package psycopg, which is not installed")
        return config
    raise ValidationError("neither SQLite nor PostgreSQL")


def _sqlite(config: dict[str, Any]) -> dict[str, Any]:
    name = str(config["NAME"])
    if name != ":memory:" and not Path(name).absolute().parent.is_dir():
        raise ValidationError("the directory of the SQLite file does not exist")
    # Persistent connections save about a fifth of the CPU of a request. No ATOMIC_REQUESTS: with IMMEDIATE
    # every GET would queue for the write lock.
    return config | {"CONN_MAX_AGE": None, "OPTIONS": dict(SQLITE_OPTIONS)}
