"""Departments, their tickets, and what the notifier has sent of them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Department(models.Model):
    """A desk that tickets are filed with."""

    name = models.CharField(max_length=255, unique=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A request for help, as the course guide defines it."""

    class Priority(models.IntegerChoices):
        """How urgent a ticket is."""

        LOW = 1, "Low"
        MEDIUM = 2, "Medium"
        HIGH = 3, "High"

    name = models.CharField(max_length=255)
    email = models.EmailField()
    phone = models.CharField(max_length=20)
    issue = models.TextField()
    priority = models.IntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    image = models.ImageField(upload_to="images/", null=True, blank=True)
    # Not auto_now_add: a fixture's own dates must survive loading (auto_now_add would overwrite them
    # everywhere but in loaddata).
    created_at = models.DateTimeField(default=timezone.now)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="tickets")

    class Meta:
        # The id breaks ties, so that paging neither repeats nor skips tickets filed in the same second.
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"]),
            models.Index(fields=["priority", "-created_at", "-id"]),
            models.Index(fields=["department", "-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.issue} - {self.name}"


class Delivery(models.Model):
    """One ticket on its way to one webhook: what lets `notify_discord` resume without sending twice.

    A webhook has no idempotency key. So a batch is marked `sending` before it leaves and `sent` when the
    answer is in; what stays `sending` (a lost answer, a killed process) becomes `unknown`, which is never
    sent again unless a person asks for it.
    """

    class State(models.TextChoices):
        """Where a ticket stands with a webhook."""

        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNKNOWN = "unknown"

    # The webhook's public id (the number in its URL), never its token.
    webhook = models.CharField(max_length=32)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="deliveries")
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
