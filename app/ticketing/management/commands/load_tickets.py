"""Load departments and tickets from a file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ticketing.management.base import DatabaseCommand
from ticketing.management.progress import Meter
from ticketing.models import Ticket
from ticketing.services.bulk.changes import Changes
from ticketing.services.json_input import Records
from ticketing.services.loader import load
from ticketing.services.records import parse


class Command(DatabaseCommand):
    """Reads a Django fixture or the course guide's flat list; a second run changes nothing."""

    help = "Load tickets from a Django fixture or a flat list, all or nothing; a second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="JSON file to load, - for standard input")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there are tickets already")

    def handle(self, *, file: str, if_empty: bool, **_: Any) -> None:  # noqa: ANN401
        """Read, check, load, report."""
        if if_empty and (there := Ticket.objects.count()):
            self.stdout.write(f"{there:,} tickets are there already; nothing loaded.")
            return
        records = Records(file)
        with Meter(self.stdout) as meter:
            departments, tickets = load(parse(records), lambda done: meter.show(done, records.share))
        self.stdout.write(f"Departments: {_summary(departments)}. Tickets: {_summary(tickets)}.")
        if not (departments or tickets):
            self.stdout.write("Nothing to do: the database is as the file says.")


def _summary(changes: Changes) -> str:
    return f"{changes.created:,} created, {changes.changed:,} changed, {changes.unchanged:,} unchanged"
