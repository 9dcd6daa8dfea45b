"""Read a backup and say whether it can be restored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ticketing.backup import flow
from ticketing.management.backups import BackupCommand, opened


class Command(BackupCommand):
    """Holds every part of a backup, and every table of its database, against its manifest.

    Exit codes: 0 it can be restored here, and a line of JSON says what is in it; 2 it cannot.
    """

    help = "Read a backup to its end and say whether it can be restored here; changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="the backup; - for standard input")

    def handle(self, *, file: str, **_: Any) -> None:  # noqa: ANN401
        """Check, report."""
        with opened(file) as source:
            self.tell(flow.check(source))
