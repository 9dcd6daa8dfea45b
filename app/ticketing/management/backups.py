"""What the commands on backups share: one sentence instead of a traceback, and a line for programs."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from drf_jwt_backend.outages import OutOfSpace, outage
from ticketing.backup.manifest import BadBackup, Manifest

WRONG_USAGE = 2


class BackupCommand(BaseCommand):
    """A command on backups. It needs no migrated database: a backup is wanted before a migration, too."""

    requires_system_checks = ()

    def execute(self, *args: Any, **options: Any) -> str | None:  # noqa: ANN401 - Django's signature
        """Run the command; `CommandError` with one sentence for whatever can be expected to go wrong."""
        try:
            return super().execute(*args, **options)
        except (OSError, DatabaseError, sqlite3.Error) as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL or isinstance(
                outage(error), OutOfSpace
            ):
                raise CommandError("The disk is full, and nothing was changed; make room first.") from error
            raise CommandError(f"{error}; nothing was changed.") from error

    def tell(self, manifest: Manifest, out: IO[str] | None = None) -> None:
        """The backup in one line of JSON, for whoever called us."""
        facts = {
            "kit": manifest.kit,
            "made_at": manifest.made_at,
            "tickets": manifest.tickets,
            "tables": len(manifest.tables),
            "rows": sum(table.rows for table in manifest.tables.values()),
            "pictures": len(manifest.members) - 1,
            "missing": len(manifest.missing),
        }
        print(json.dumps(facts), file=out or self.stdout, flush=True)


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """The file to read, - for standard input; what is no good backup is wrong usage."""
    try:
        if name == "-":
            yield sys.stdin.buffer
        else:
            with Path(name).open("rb") as file:
                yield file
    except BadBackup as error:
        shown = "The file" if name == "-" else name
        raise CommandError(f"{shown} cannot be restored: {error}.", returncode=WRONG_USAGE) from error
