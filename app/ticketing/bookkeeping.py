"""What the service notes for itself: messages on their way, clients' keys, and how often they came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Delivery(models.Model):
    """One ticket on its way to one webhook: what lets `notify_discord` resume without sending twice.

    A ticket without a row is pending. A webhook has no idempotency key. So a batch is marked `sending` before
    it leaves and `sent` when the answer is in; what stays `sending` (a lost answer, a killed process) becomes
    `unknown`, which is never sent again unless a person asks for it.
    """

    class State(models.TextChoices):
        """Where a ticket stands with a webhook."""

        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNKNOWN = "unknown"

    # The webhook's public id (the number in its URL), never its token.
    webhook = models.CharField(max_length=32)
    ticket = models.ForeignKey("ticketing.Ticket", on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices)
    message_id = models.CharField(max_length=32, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "ticket"], name="one_delivery_per_webhook_and_ticket"),
        ]
        indexes: ClassVar = [models.Index(fields=["webhook", "state"])]

    def __str__(self) -> str:
        return f"ticket {self.ticket_id} to webhook {self.webhook}: {self.state}"


class Following(models.Model):
    """From where on `notify_discord --follow` posts what is filed through the API to a webhook.

    Without it, switching the sender on would post every ticket of every load test that there ever was.
    """

    # The webhook's public id (the number in its URL), never its token.
    webhook = models.CharField(max_length=32, primary_key=True)
    # The newest `TicketEvent` at that time: what is newer is the sender's, what is older is not.
    after_event = models.BigIntegerField()
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"webhook {self.webhook}: tickets filed since {self.since:%Y-%m-%d %H:%M}"


class IdempotencyKey(models.Model):
    """A key that a client sent along with a new ticket, so that sending it again files nothing twice."""

    # Whose key: "user 3", or "address 10.10.20.10" of somebody without an account.
    scope = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    # Of the request's body: the same key with another body is a mistake, and is refused.
    fingerprint = models.CharField(max_length=64)
    # The first answer as JSON: {"status", "headers", "body"}. It outlives later changes of the ticket, and
    # the ticket itself.
    answer = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"])]  # finds what has expired
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "key"], name="one_ticket_per_idempotency_key"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.key}"


class RateWindow(models.Model):
    """How often a throttled caller has come in the window of time that is open now."""

    caller = models.CharField(max_length=100, primary_key=True)
    # The window's number: seconds since 1970 divided by its length, rounded down.
    window = models.BigIntegerField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.caller}: {self.count} in window {self.window}"
