"""Put a backup in the place of all that is there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ticketing.backup import flow
from ticketing.management.backups import BackupCommand, opened


class Command(BackupCommand):
    """Replaces database and pictures, all or nothing. Stop whoever writes first, or their writes are lost.

    Exit codes: 0 restored, 1 it failed, 2 the file cannot be restored; in the last two all is as before.
    """

    help = "Put a backup in the place of the database and its pictures, all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="the backup; - for standard input")

    def handle(self, *, file: str, **_: Any) -> None:  # noqa: ANN401
        """Restore, report."""
        with opened(file) as source:
            self.tell(flow.restore(source, self.stderr.write))
