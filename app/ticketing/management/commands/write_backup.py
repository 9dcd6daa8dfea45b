"""Write a backup of the database and the pictures."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ticketing.backup import archive, flow
from ticketing.backup.manifest import BadBackup
from ticketing.management.backups import BackupCommand

KEPT = 3  # backups of before a migration
_PREFIX = "before-migration-"


class Command(BackupCommand):
    """Writes all that is there at one moment into one file, while the service goes on.

    What is in it is told in a line of JSON: on standard output, or standard error if the backup goes there.
    """

    help = (
        "Write the database and its pictures, as they are at one moment, into one file; - is standard output."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="where to; - for standard output")
        parser.add_argument("--kit", default="by hand", help="which version of the kit this is")
        parser.add_argument(
            "--before-migration",
            action="store_true",
            help="FILE is a folder: write into it if there are migrations to be applied, and keep the newest "
            f"{KEPT}",
        )

    def handle(self, *, file: str, kit: str, before_migration: bool, **_: Any) -> None:  # noqa: ANN401
        """Write, report."""
        try:
            if before_migration:
                self._before_migration(Path(file), kit)
            elif file == "-":
                self.tell(flow.make(sys.stdout.buffer, kit), sys.stderr)
            else:
                self._write(Path(file), kit)
        except BadBackup as error:
            raise CommandError(f"There is no backup: {error}.") from error

    def _write(self, path: Path, kit: str) -> None:
        with archive.whole(path) as out:
            manifest = flow.make(out, kit)
            out.flush()
            out.seek(0)
            flow.check(out)
        self.tell(manifest)

    def _before_migration(self, folder: Path, kit: str) -> None:
        if not flow.migrations_wait():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write(folder / f"{_PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz", kit)
        for old in sorted(folder.glob(f"{_PREFIX}*.tar.gz"))[:-KEPT]:
            old.unlink()
