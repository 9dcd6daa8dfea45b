"""How a ticket looks in a message: in the course guide's format, or in a compact one.

Both show the same fields, each as one harmless line of bounded length. No field can pass for another: the
guide's format gives each its own line, the compact one parts them by a bare |, which texts have only escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from ticketing.discord.markup import plain

RULE = "---------------------------------"
# What a field may take at most, escapes included. All of them together fit in the content of one message.
NAME, EMAIL, PHONE, ISSUE, DEPARTMENT = 200, 300, 60, 1_000, 200
# Signs that differ in shape, so that nobody needs to tell colours apart.
PRIORITIES: Mapping[int, str] = {1: "▼", 2: "●", 3: "▲"}
ODD_PRIORITY = "?"
LEGEND = "id, ▲ high ● medium ▼ low, issue | name | email | phone | department | created (UTC)"


class TicketText(NamedTuple):
    """The fields of a ticket that a message shows; `department` is its name."""

    id: int
    name: str
    email: str
    phone: str
    issue: str
    department: str
    created_at: datetime
    priority: int


@dataclass(frozen=True)
class Format:
    """How messages look: what opens one, what shows a ticket, and whether embeds carry tickets as well."""

    head: Callable[[int], str]
    describe: Callable[[TicketText], str]
    embeds: bool


def _guide(ticket: TicketText) -> str:
    return "\n".join(
        (
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


def _compact(ticket: TicketText) -> str:
    fields = (
        plain(ticket.issue, ISSUE),
        plain(ticket.name, NAME),
        plain(ticket.email, EMAIL),
        plain(ticket.phone, PHONE),
        plain(ticket.department, DEPARTMENT),
        f"{ticket.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
    )
    return f"🎟 {ticket.id} {PRIORITIES.get(ticket.priority, ODD_PRIORITY)} {' | '.join(fields)}"


GUIDE = Format(lambda number: f"**Batch {number}:**", _guide, embeds=False)
COMPACT = Format(lambda number: f"**Batch {number}:** {LEGEND}", _compact, embeds=True)
FORMATS: Mapping[str, Format] = {"guide": GUIDE, "compact": COMPACT}
