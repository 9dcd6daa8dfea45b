"""Tickets to messages: the course guide's format, as many tickets in a message as fit, in order, none lost.

Pure. Lengths are code points, as Discord counts them (and Python's `len`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ticketing.discord.markup import plain

LIMIT = 2_000  # code points of a message
RULE = "---------------------------------"
# What a field may take at most, escapes included. All of them together fit in one message.
NAME, EMAIL, PHONE, ISSUE, DEPARTMENT = 200, 300, 60, 1_000, 200


class TicketText(NamedTuple):
    """The fields of a ticket that a message shows; `department` is its name."""

    id: int
    name: str
    email: str
    phone: str
    issue: str
    department: str
    created_at: datetime


class Batch(NamedTuple):
    """One message and the tickets in it."""

    number: int
    ticket_ids: tuple[int, ...]
    content: str


def batches(tickets: Iterable[TicketText], first: int = 1) -> Iterator[Batch]:
    """Yield messages of at most `LIMIT` code points, numbered from `first`."""
    ids: list[int] = []
    content = ""
    for ticket in tickets:
        block = describe(ticket)
        if ids and len(content) + len(block) > LIMIT:
            yield Batch(first, tuple(ids), content)
            ids, first = [], first + 1
        if not ids:
            content = f"**Batch {first}:**"
        ids.append(ticket.id)
        content += block
    if ids:
        yield Batch(first, tuple(ids), content)


def describe(ticket: TicketText) -> str:
    """Return a ticket's lines in the guide's format, each after a line break."""
    return "\n".join(
        (
            "",
            f"🎟 Ticket {ticket.id}",
            f"👤 Name: {plain(ticket.name, NAME)}",
            f"📧 Email: {plain(ticket.email, EMAIL)}",
            f"📞 Phone: {plain(ticket.phone, PHONE)}",
            f"❗ Issue: {plain(ticket.issue, ISSUE)}",
            f"🏢 Department: {plain(ticket.department, DEPARTMENT)}",
            f"📅 Created: {ticket.created_at.astimezone(UTC).isoformat(timespec='seconds')}",
            RULE,
        )
    )
