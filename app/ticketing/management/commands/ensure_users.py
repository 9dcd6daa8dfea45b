"""Make sure that the lab's users exist."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ticketing.management.base import DatabaseCommand
from ticketing.services.json_input import Records
from ticketing.services.users import ensure, parse


class Command(DatabaseCommand):
    """Creates the missing ones of a list of users; prints names, never passwords."""

    help = (
        'Create missing users from a JSON list of {"username", "password", "role": instructor, agent or '
        'student}; an agent\'s may also have "departments", a list of names.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="JSON file, - for standard input")
        parser.add_argument(
            "--reset-passwords", action="store_true", help="give existing users the file's password too"
        )

    def handle(self, *, file: str, reset_passwords: bool, **_: Any) -> None:  # noqa: ANN401
        """Read, check, create, report."""
        for username, outcome in ensure(parse(Records(file)), reset_passwords=reset_passwords):
            self.stdout.write(f"{username}: {outcome}")
