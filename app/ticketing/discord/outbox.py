"""Which tickets `notify_discord --follow` has to send: those filed through the API since it was switched on.

The outbox is the event log: filing a ticket writes its `created` event in the very transaction of the ticket,
so none is announced that was rolled back, and none filed without being announced. What became of it is in
`Delivery`, as for every ticket; the outbox itself is only ever read.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db.models import Exists, OuterRef, QuerySet

from ticketing.discord.clock import Clock
from ticketing.discord.formats import TicketText
from ticketing.discord.records import COLUMNS
from ticketing.models import Delivery, Following, Ticket, TicketEvent

# Ids of events are given out before their transactions end, so an older one may appear after a newer one.
# No request, and so no transaction, lasts that long: Gunicorn would have ended it.
SETTLED = timedelta(seconds=120)


class Outbox:
    """The new tickets for one webhook."""

    def __init__(self, following: Following, clock: Clock) -> None:
        self._webhook = following.webhook
        self._clock = clock
        self.since = following.since
        # In memory alone: after a restart what `Delivery` knows is looked through once more.
        self._after = following.after_event

    @classmethod
    def switched_on(cls, webhook_id: str, clock: Clock) -> Self:
        """The webhook's outbox; it begins where following it first began: now, if it never did."""
        begin = {"after_event": _newest(), "since": clock.now()}
        following, _ = Following.objects.get_or_create(webhook=webhook_id, defaults=begin)
        return cls(following, clock)

    @classmethod
    def known(cls, webhook_id: str, clock: Clock) -> Self | None:
        """The webhook's outbox, or None if it was never followed."""
        following = Following.objects.filter(webhook=webhook_id).first()
        return cls(following, clock) if following else None

    def __len__(self) -> int:
        return self._waiting.count()

    def pending(self, limit: int) -> list[TicketText]:
        """Return the tickets to send, in the order in which they were filed, at most `limit`.

        One that failed or is unknown is not among them: both are for a person to decide.
        """
        rows = self._waiting.values_list(*(f"ticket__{column}" for column in COLUMNS))
        return [TicketText(*row) for row in rows[:limit]]

    def is_empty(self) -> bool:
        """Whether there is nothing to send; if so, what was looked through is not looked through again."""
        looked_through = self._created.filter(at__lt=self._clock.now() - SETTLED).order_by("-pk")
        newest = looked_through.values_list("pk", flat=True).first()
        if self._waiting.exists():
            return False
        self._after = newest or self._after
        return True

    @property
    def _created(self) -> QuerySet[TicketEvent]:
        return TicketEvent.objects.filter(action=TicketEvent.Action.CREATED, pk__gt=self._after)

    @property
    def _waiting(self) -> QuerySet[TicketEvent]:
        tried = Delivery.objects.filter(webhook=self._webhook, ticket=OuterRef("ticket_id"))
        alive = Ticket.objects.filter(pk=OuterRef("ticket_id"))
        return self._created.filter(~Exists(tried), Exists(alive)).order_by("pk")


def _newest() -> int:
    return TicketEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
