"""From DATABASE_URL to Django's DATABASES entry."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from socket import gethostname
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

# Seconds to wait for PostgreSQL itself; a server that is away must not take a request's whole patience.
CONNECT = 3
# A server that is gone without a word (its host died, a link was cut) is noticed within fifteen seconds.
ALIVE = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 15_000}
# Milliseconds, for those who serve requests: as patient with a lock as SQLite, and done before Gunicorn's
# timeout. Commands have no such limits: to load a million tickets takes as long as it takes.
SERVING = "-c lock_timeout=10000 -c statement_timeout=20000 -c idle_in_transaction_session_timeout=30000"


def database(url: str) -> dict[str, Any]:
    """Django's settings for the database at `url` (sqlite:///… or postgres://…).

    Raises environs' `ValidationError` for a URL that is malformed, has another scheme, or names an SQLite
    file in a directory that is not there, and when the driver is not installed.
    """
    try:
        config: dict[str, Any] = {"OPTIONS": {}, **dj_database_url.parse(url)}
    except ValueError as error:
        raise ValidationError("not a database URL") from error
    if config["ENGINE"] == SQLITE:
        return _sqlite(config)
    if config["ENGINE"] == POSTGRESQL:
        if find_spec("psycopg") is None:
            raise ValidationError("PostgreSQL needs the Python package psycopg, which is not installed")
        # The name tells in pg_stat_activity whose connection it is.
        ours = {"connect_timeout": CONNECT, "application_name": gethostname()}
        return config | {"OPTIONS": ours | ALIVE | dict(config["OPTIONS"])}
    raise ValidationError("neither SQLite nor PostgreSQL")


def serving(config: dict[str, Any], password: str, pool: int) -> dict[str, Any]:
    """The settings of `database`, for a process that serves requests in so many threads (0: in none).

    PostgreSQL then has a pool, from which a request takes a connection that was tried a moment ago, and gets
    the `password` where the URL has none. SQLite needs neither.
    """
    if config["ENGINE"] != POSTGRESQL:
        return config
    config = config | {"PASSWORD": config.get("PASSWORD") or password}
    if not pool:
        return config
    # A failing pool tries again at ever longer intervals; a short reconnect_timeout leaves it to the next
    # request instead, so that the service is back when the server is.
    sizes = {"min_size": 1, "max_size": pool, "timeout": 5, "reconnect_timeout": 5, "max_idle": 300}
    options = {**config["OPTIONS"], "pool": sizes, "options": SERVING}
    return config | {"OPTIONS": options, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}


def _sqlite(config: dict[str, Any]) -> dict[str, Any]:
    name = str(config["NAME"])
    if name != ":memory:" and not Path(name).absolute().parent.is_dir():
        raise ValidationError("the directory of the SQLite file does not exist")
    # Persistent connections save about a fifth of the CPU of a request. No ATOMIC_REQUESTS: with IMMEDIATE
    # every GET would queue for the write lock.
    return config | {"CONN_MAX_AGE": None, "OPTIONS": dict(SQLITE_OPTIONS)}
