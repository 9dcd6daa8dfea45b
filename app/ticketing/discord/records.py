"""What was sent to a webhook, in the `Delivery` table: the notifier's memory across runs and crashes.

A message's tickets are `sending` exactly while a request may be under way. So whatever a run leaves behind
in that state, however it ended, may or may not have arrived: the next run makes it `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from ticketing.discord.batching import Batch
from ticketing.discord.clock import Clock
from ticketing.discord.formats import TicketText
from ticketing.discord.ratelimit import USUAL_CHANNEL
from ticketing.models import Delivery, Ticket

State = Delivery.State
# What a message shows of a ticket: the columns of a `TicketText`, in its order.
COLUMNS = ("id", "name", "email", "phone", "issue", "department__name", "created_at", "priority")


class ClaimedElsewhere(Exception):  # noqa: N818 - says what happened
    """Another run is sending one of these tickets to this webhook."""


@dataclass(frozen=True)
class Scope:
    """Which tickets a run sends, besides those that were never tried and those that failed."""

    again: bool = False
    resend_unknown: bool = False

    @property
    def settled(self) -> set[Delivery.State]:
        """The states of tickets that are left alone."""
        if self.again:
            return set()
        return {State.SENT} if self.resend_unknown else {State.SENT, State.UNKNOWN, State.SENDING}


class Records:
    """The deliveries to one webhook, by its public id."""

    def __init__(self, webhook_id: str, clock: Clock) -> None:
        self._webhook = webhook_id
        self._clock = clock

    @property
    def _all(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(webhook=self._webhook)

    def prepare(self, scope: Scope) -> None:
        """Settle what an earlier run left under way, and forget what this run is to send (again)."""
        with transaction.atomic():
            self.settle_abandoned()
            self._all.exclude(state__in=scope.settled).delete()

    def settle_abandoned(self) -> None:
        """Whatever an earlier run left under way may have arrived: it is unknown. Only with the lock held."""
        self._all.filter(state=State.SENDING).update(state=State.UNKNOWN, updated_at=self._clock.now())

    def pending(self, scope: Scope, limit: int | None = None) -> list[TicketText]:
        """Return the tickets that `scope` sends, oldest id first, at most `limit`."""
        settled = self._all.filter(ticket=OuterRef("pk"), state__in=scope.settled)
        rows = Ticket.objects.filter(~Exists(settled)).order_by("id")[:limit]
        return [TicketText(*row) for row in rows.values_list(*COLUMNS)]

    def claim(self, batch: Batch) -> None:
        """Mark a batch as sending, committed before its request leaves. Raises ClaimedElsewhere."""
        try:
            with transaction.atomic():
                # A ticket that was deleted meanwhile has nothing to record.
                alive = Ticket.objects.filter(pk__in=batch.ticket_ids).values_list("pk", flat=True)
                Delivery.objects.bulk_create(
                    Delivery(webhook=self._webhook, ticket_id=pk, state=State.SENDING) for pk in alive
                )
        except IntegrityError:
            raise ClaimedElsewhere from None

    def release(self, batch: Batch) -> None:
        """A batch was surely not taken: it is as if it had never been tried."""
        self._of(batch).delete()

    def settle(self, batch: Batch, state: Delivery.State, message_id: str = "") -> None:
        """Record what became of a batch."""
        self._of(batch).update(state=state, message_id=message_id, updated_at=self._clock.now())

    def counts(self) -> dict[str, int]:
        """Return how many tickets are in each state that occurs."""
        rows: Iterable[tuple[str, int]] = self._all.values_list("state").annotate(Count("pk")).order_by()
        return dict(rows)

    def untried(self) -> int:
        """Return how many tickets have no record: those that are pending."""
        return Ticket.objects.filter(~Exists(self._all.filter(ticket=OuterRef("pk")))).count()

    def messages(self) -> int:
        """Return how many messages are known to have arrived."""
        return self._sent.values("message_id").distinct().count()

    def recent_sends(self) -> list[float]:
        """Return when the messages that the channel may still count were answered, on the monotonic clock.

        Those of all runs: each sees here what the others sent a moment ago.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        since = now - timedelta(seconds=USUAL_CHANNEL.period)
        rows = self._sent.values_list("message_id").annotate(at=Max("updated_at")).order_by()
        return [monotonic - (now - at).total_seconds() for _, at in rows.filter(at__gt=since)]

    @property
    def _sent(self) -> QuerySet[Delivery]:
        return self._all.filter(~Q(message_id=""), state=State.SENT)

    def _of(self, batch: Batch) -> QuerySet[Delivery]:
        return self._all.filter(ticket_id__in=batch.ticket_ids)
