"""Events of tickets as the feed tells them: read from the log, without anybody's contact data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Max, QuerySet

from ticketing.models import Ticket, TicketEvent

# Of these, and of long texts, the feed says that they changed, but not from what to what.
CONTACT = frozenset({"email", "phone"})
LONGEST = 200  # characters

_WHAT = ("id", "ticket_id", "action", "at", "changes", "actor_id")
_WHOSE = ("department_id", "owner_id", "internal", "left_id")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: what decides who hears of it, and the JSON that they hear."""

    id: int
    department: int
    owner: int | None
    internal: bool
    data: bytes
    left: int | None = None


def read(events: QuerySet[TicketEvent], most: int) -> list[Event]:
    """The first `most` of the events in the order of their ids, in two queries.

    Status and priority are those that the ticket has now, and null once it is deleted.
    """
    rows = list(events.order_by("id").values(*_WHAT, *_WHOSE)[:most])
    if not rows:
        return []
    wanted = {row["ticket_id"] for row in rows}
    found = Ticket.objects.filter(pk__in=wanted).order_by().values_list("pk", "status", "priority")
    tickets = {pk: (status, priority) for pk, status, priority in found}
    return [_event(row, tickets) for row in rows]


def newest() -> int:
    """The id of the last event, or 0."""
    return TicketEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _event(row: Mapping[str, Any], tickets: Mapping[int, tuple[str, int]]) -> Event:
    status, priority = tickets.get(row["ticket_id"], (None, None))
    data = {
        "id": row["id"],
        "ticket": row["ticket_id"],
        "action": row["action"],
        "at": row["at"],
        "changes": {name: _shown(name, pair) for name, pair in row["changes"].items()},
        "actor": row["actor_id"],
        "status": status,
        "priority": priority,
        "department": row["department_id"],
    }
    encoded = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    return Event(row["id"], row["department_id"], row["owner_id"], row["internal"], encoded, row["left_id"])


def _shown(name: str, pair: list[Any]) -> list[Any] | None:
    if name in CONTACT or any(isinstance(value, str) and len(value) > LONGEST for value in pair):
        return None
    return pair
