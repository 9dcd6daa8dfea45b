"""Bring the database in line with a file of departments and tickets: all of it, or nothing.

Tickets, which may be millions, pass through in chunks and none is kept; departments are few.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.management.color import no_style
from django.db import connection, transaction

from ticketing.models import Department, Ticket
from ticketing.services.bulk.changes import Changes
from ticketing.services.bulk.departments import DepartmentLoad
from ticketing.services.bulk.seen import SeenTickets
from ticketing.services.bulk.tickets import Progress, TicketLoad
from ticketing.services.records import Row


@transaction.atomic
def load(rows: Iterable[Row], progress: Progress) -> tuple[Changes, Changes]:
    """Create what is missing and change what differs; returns the changes of departments and of tickets.

    Loading the same file again changes nothing. Raises `InputError`, and then nothing has changed either.
    """
    with SeenTickets() as seen:
        departments, tickets = DepartmentLoad(), TicketLoad(seen, progress)
        for row in rows:
            (tickets if row.model is Ticket else departments).add(row)
        ticket_changes = tickets.finish()
        # Last, since any record may still name one: foreign keys are checked when the transaction ends.
        changes = departments.finish(tickets.departments), ticket_changes
    _reset_sequences()
    return changes


def _reset_sequences() -> None:
    """Rows with keys of their own leave PostgreSQL's sequences behind; SQLite needs no statement here."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Department, Ticket]):
            cursor.execute(statement)
