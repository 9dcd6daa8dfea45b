"""Remove what has expired."""

from __future__ import annotations

from typing import Any

from ticketing.api import idempotency
from ticketing.management.base import DatabaseCommand
from ticketing.throttles import FileTicketThrottle


class Command(DatabaseCommand):
    """Removes Idempotency-Keys whose day is over, and counts of callers in windows that are closed."""

    help = "Remove Idempotency-Keys older than a day, and counts of rates that are over."

    def handle(self, **_: Any) -> None:  # noqa: ANN401
        """Remove, report."""
        keys, counts = idempotency.purge(), FileTicketThrottle().purge()
        self.stdout.write(f"Removed {keys} Idempotency-Keys and {counts} counts of rates.")
