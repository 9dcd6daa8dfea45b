"""What a request meets when the database is away or its disk is full: 503 or 507, and when to come again.

Neither is a mistake of the service's own, so neither is a 500; what was begun is undone by the transaction.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError
from rest_framework import status
from rest_framework.exceptions import APIException

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
# Primary result codes of SQLite (sqlite3.h): the file, and not the statement, is what is wrong.
AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL}  # fmt: skip
DISK_FULL = "53100"  # PostgreSQL's SQLSTATE
# On a full file system SQLite may say no more than that a write failed. The least by which its files grow is
# a page of 4 KiB, and 32 KiB of the write-ahead log's index.
LEAST_ROOM = 64 * 1024  # bytes


class Outage(APIException):
    """The request is in order, and the server is not; `wait` are the seconds that Retry-After says."""

    wait: int


class OutOfSpace(Outage):
    """The disk on which database and pictures are is full: nothing can be written, and all can be read."""

    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "out_of_space"
    default_detail = "The server's disk is full: nothing was changed; reading goes on. Try again later."
    wait = 60  # somebody has to make room


class DatabaseAway(Outage):
    """The database does not answer, or is locked for longer than a request may wait."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "database_away"
    # No word on whether something was changed: PostgreSQL can be lost between a commit and its answer.
    default_detail = "The database does not answer, or not in time; try again in a few seconds."
    wait = 5


def outage(error: BaseException | None) -> Outage | None:
    """The outage that an exception comes from; None for any other."""
    if isinstance(error, OSError):
        return OutOfSpace() if error.errno in NO_ROOM else None
    if isinstance(error, OperationalError | InterfaceError):
        return _of_database(error.__cause__)
    return None


def _of_database(cause: BaseException | None) -> Outage | None:
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    return OutOfSpace() if getattr(cause, "sqlstate", None) == DISK_FULL else DatabaseAway()


def _of_sqlite(code: int) -> Outage | None:
    if code == sqlite3.SQLITE_FULL or (code in AWAY and _full()):
        return OutOfSpace()
    return DatabaseAway() if code in AWAY else None


def _full() -> bool:
    folder = Path(settings.DATABASES["default"]["NAME"]).absolute().parent
    try:
        return shutil.disk_usage(folder).free < LEAST_ROOM
    except OSError:
        return False
