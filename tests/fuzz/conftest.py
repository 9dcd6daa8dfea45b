"""The application in process, on a database of its own, that each test finds as it was seeded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.fuzz.seeding import seed
from tests.unit.service.racing import database_of_its_own
from ticketing.api import paging, stats
from ticketing.throttles import FileTicketThrottle


@pytest.fixture(scope="session")
def database(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Path]:
    """A file, since what runs in no test's transaction sees what a request leaves half done."""
    path = tmp_path_factory.mktemp("fuzz") / "db.sqlite3"
    with django_db_blocker.unblock(), database_of_its_own(path.parent):
        seed()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(path, path.with_suffix(".seeded"))
        yield path


@pytest.fixture
def _seeded(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database as it was in the beginning, nothing remembered of another, and no limit of rate."""
    connection.close()
    for rest in database.parent.glob(f"{database.name}-*"):
        rest.unlink()
    shutil.copy(database.with_suffix(".seeded"), database)
    paging.kept_counts.clear()
    stats.kept.clear()
    monkeypatch.setattr(FileTicketThrottle, "rate", "1000000/min", raising=False)
