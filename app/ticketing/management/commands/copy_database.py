"""Copy everything from another database into this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.db.migrations.recorder import MigrationRecorder
from environs import ValidationError

from drf_jwt_backend.databases import SQLITE, database, serving
from ticketing.services.moving.copy import CopyError, copy

SOURCE = "source"


class Command(BaseCommand):
    """Copies a whole database, verified, or nothing; the pictures stay where they are."""

    help = "Copy everything from the database at a URL into the one that DATABASE_URL names."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """From where, and whether what is here may go."""
        parser.add_argument("source", help="sqlite:////path/db.sqlite3 or postgres://user@host:5432/name")
        parser.add_argument("--force", action="store_true", help="replace the data that is here")

    def handle(self, source: str, *, force: bool, **_: Any) -> None:  # noqa: ANN401
        """Bring both databases' tables up to date, copy, and report every table."""
        try:
            _connect(source)
            _check_source()
            for alias in (SOURCE, "default"):
                call_command("migrate", database=alias, interactive=False, verbosity=0)
            copied = copy(SOURCE, "default", force=force, progress=self.stderr.write)
        except CopyError as error:
            raise CommandError(f"Nothing was copied: {error}.") from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was copied: a database refused ({error}).") from error
        for table, contents in copied.items():
            self.stdout.write(f"{table:<40} {contents.rows:>9,} rows  {contents.digest[:16]}")


def _connect(url: str) -> None:
    try:
        config = serving(database(url), settings.DATABASE_PASSWORD, pool=0)
    except ValidationError as error:
        raise CommandError(f"The source's URL is wrong: {error}.") from error
    connections.settings[SOURCE] = connections.configure_settings({"default": config})["default"]


def _check_source() -> None:
    """Before anything is made: SQLite makes a file that is not there, and `migrate` its tables."""
    here, there = (connections[alias].settings_dict for alias in ("default", SOURCE))
    if all(here[name] == there[name] for name in ("ENGINE", "HOST", "PORT", "NAME")):
        raise CopyError("source and target are the same database")
    missing = there["ENGINE"] == SQLITE and not Path(str(there["NAME"])).exists()
    if missing or not MigrationRecorder(connections[SOURCE]).applied_migrations():
        raise CopyError("the source is no database of this service; look at its URL")
