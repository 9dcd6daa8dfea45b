"""What the feed asks of the log of events."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Q

from ticketing.live import events
from ticketing.live.database import in_database_thread
from ticketing.live.events import Event
from ticketing.live.timeline import MOST_MISSING, Timeline
from ticketing.models import TicketEvent
from ticketing.services import scope

# Events that one query brings at most.
PAGE = 500

audiences = in_database_thread(scope.audiences)
newest = in_database_thread(events.newest)


@in_database_thread
def begin(now: float) -> Timeline:
    """A timeline that begins after the last event there is; what is missing of the last ones may yet come."""
    position = events.newest()
    recent = range(max(1, position - MOST_MISSING), position)
    there = set(TicketEvent.objects.filter(pk__in=recent).order_by().values_list("pk", flat=True))
    return Timeline(position, [gap for gap in recent if gap not in there], now)


@in_database_thread
def since(seen: int, missing: Collection[int]) -> list[Event]:
    """Up to a page of the events behind `seen`, and of those that were missing."""
    return events.read(TicketEvent.objects.filter(Q(pk__gt=seen) | Q(pk__in=missing)), PAGE)


@in_database_thread
def between(user: int, after: int, until: int, missing: Collection[int]) -> list[Event]:
    """Up to a page of what a user (by id) may see of the events after one id and until another."""
    visible = scope.visible_events(User.objects.get(pk=user))
    return events.read(visible.filter(pk__gt=after, pk__lte=until).exclude(pk__in=missing), PAGE)
