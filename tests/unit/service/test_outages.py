"""Which exceptions are an outage, and how each page and each endpoint tells of it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from types import SimpleNamespace

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.test import Client

from drf_jwt_backend.outages import DatabaseAway, OutOfSpace, outage
from tests.unit.service.callers import client_of
from tests.unit.service.test_errors import assert_error
from ticketing.views import DepartmentViewSet


def caused_by(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def sqlite(code: int) -> Exception:
    cause = sqlite3.OperationalError("as SQLite says it")
    cause.sqlite_errorcode = code
    return caused_by(cause)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite(sqlite3.SQLITE_FULL), OutOfSpace),
        (sqlite(sqlite3.SQLITE_BUSY), DatabaseAway),
        (sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), DatabaseAway),
        (sqlite(sqlite3.SQLITE_CANTOPEN), DatabaseAway),
        (sqlite(sqlite3.SQLITE_IOERR_WRITE), DatabaseAway),
        (sqlite(sqlite3.SQLITE_ERROR), type(None)),  # no such table: a mistake of ours
        (caused_by(psycopg.errors.DiskFull("no space")), OutOfSpace),
        (caused_by(psycopg.OperationalError("connection refused")), DatabaseAway),
        (caused_by(psycopg.InterfaceError("the connection is closed"), InterfaceError), DatabaseAway),
        (caused_by(psycopg.errors.UniqueViolation("twice"), IntegrityError), type(None)),
        (caused_by(psycopg.errors.NumericValueOutOfRange("large"), DataError), type(None)),
        (OSError(errno.ENOSPC, "No space left on device"), OutOfSpace),
        (OSError(errno.EACCES, "Permission denied"), type(None)),
        (RuntimeError("a mistake of ours"), type(None)),
        (None, type(None)),
    ],
)
def test_what_is_an_outage(error: Exception | None, kind: type[object]) -> None:
    assert type(outage(error)) is kind


def test_a_failed_write_on_a_full_file_system_is_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite says SQLITE_IOERR where it cannot make its shared memory larger."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    assert isinstance(outage(sqlite(sqlite3.SQLITE_IOERR_SHMSIZE)), OutOfSpace)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "status", "word"),
    [(sqlite3.SQLITE_FULL, 507, "out_of_space"), (sqlite3.SQLITE_BUSY, 503, "database_away")],
)
def test_the_api_answers_in_its_one_shape(
    instructor: User, monkeypatch: pytest.MonkeyPatch, code: int, status: int, word: str
) -> None:
    monkeypatch.setattr(DepartmentViewSet, "list", _failing(sqlite(code)))
    response = client_of(instructor).get("/api/departments/")
    assert_error(response, status, word)
    assert int(response.headers["Retry-After"]) > 0
    assert "as SQLite says it" not in response.content.decode()


def test_what_is_no_endpoint_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions and the admin's pages are Django's own, without the API's handler."""
    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request",
                        _failing(sqlite(sqlite3.SQLITE_FULL)))  # fmt: skip
    client = Client(raise_request_exception=False)
    page = client.get("/admin/login/")
    assert (page.status_code, page.headers["Content-Type"]) == (507, "text/plain; charset=utf-8")
    assert page.headers["Retry-After"]
    assert_error(client.get("/api/tickets/"), 507, "out_of_space")


def _failing(error: Exception) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise error

    return fail
