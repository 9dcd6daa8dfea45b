"""The statements of the most frequent questions, compiled once for each role and shape.

They are made from `visible_tickets` like all others, with slots for the caller, the ticket and the place.
"""

from __future__ import annotations

from functools import lru_cache

from django.contrib.auth.models import User
from django.db.models import QuerySet

from drf_jwt_backend.prepared import Slot, Statement
from ticketing.api import cursors, ordering
from ticketing.api.rows import COLUMNS, Names
from ticketing.models import Ticket
from ticketing.roles import Role
from ticketing.services.scope import visible_tickets

# Shapes kept at once; a shape is a handful of names, so this bounds what odd combinations of them can hold.
_kept = lru_cache(maxsize=256)


@_kept
def ticket(role: Role, names: Names) -> Statement:
    """One ticket: slots `caller` and `ticket`."""
    return selecting(_visible(role).filter(pk=Slot("ticket")).order_by(), names)


@_kept
def page(role: Role, names: Names, order: str) -> Statement:
    """All that the role sees, in order: slot `caller`."""
    return selecting(ordering.put_in_order(_visible(role), order), names)


@_kept
def page_beyond(role: Role, names: Names, order: str, backwards: bool) -> Statement:
    """What lies after a place, or before it: slot `caller` and those of `cursors.beyond`."""
    return selecting(cursors.beyond(_visible(role), order, backwards=backwards), names)


@_kept
def count(role: Role) -> Statement:
    """How many the role sees: slot `caller`."""
    return Statement.counting(_visible(role))


def selecting(tickets: QuerySet[Ticket], names: Names) -> Statement:
    """The statement that fetches these fields of `rows.COLUMNS`."""
    return Statement.of(tickets.values_list(*(COLUMNS[name] for name in names)))


def _visible(role: Role) -> QuerySet[Ticket]:
    """What somebody of this role sees; who it is stays open."""
    somebody = User(pk=Slot("caller"), is_superuser=False)
    vars(somebody)["role_name"] = role.value
    return visible_tickets(somebody)
