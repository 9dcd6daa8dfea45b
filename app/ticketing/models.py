"""Departments, their tickets, and what happened to them.

What the machine notes for itself (deliveries, idempotency keys, rates) is in `ticketing.bookkeeping`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from ticketing.bookkeeping import Delivery, Following, IdempotencyKey, RateWindow

__all__ = [
    "Comment",
    "Delivery",
    "Department",
    "Following",
    "IdempotencyKey",
    "RateWindow",
    "Ticket",
    "TicketEvent",
]


class Department(models.Model):
    """A desk that tickets are filed with, and the agents who work there."""

    name = models.CharField(max_length=255, unique=True)
    agents = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="departments", blank=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A request for help: the course guide's fields, and what a network desk needs besides."""

    class Priority(models.IntegerChoices):
        """How urgent a ticket is."""

        LOW = 1, "Low"
        MEDIUM = 2, "Medium"
        HIGH = 3, "High"

    class Status(models.TextChoices):
        """How far the work on a ticket is; `ticketing.services.workflow` says what may follow what."""

        OPEN = "open", "Open"
        IN_PROGRESS = "in_progress", "In progress"
        ON_HOLD = "on_hold", "On hold"
        RESOLVED = "resolved", "Resolved"
        CLOSED = "closed", "Closed"

    name = models.CharField(max_length=255)
    email = models.EmailField()
    phone = models.CharField(max_length=20)
    issue = models.TextField()
    priority = models.IntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    image = models.ImageField(upload_to="images/", null=True, blank=True)
    # Not auto_now_add: a fixture's own dates must survive loading (auto_now_add would overwrite them
    # everywhere but in loaddata).
    created_at = models.DateTimeField(default=timezone.now)

    # The foreign keys have no indexes of their own: those below begin with them.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,
    )
    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, related_name="tickets", db_index=False
    )

    status = models.CharField(max_length=11, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned",
        db_index=False,
    )
    # Which box and which port of it, as the network's own documents call them: core-sw1, Gi1/0/24.
    device = models.CharField(max_length=100, blank=True, default="")
    interface = models.CharField(max_length=60, blank=True, default="")
    # Who reported it and under which number, for monitors: the same outage twice is one ticket.
    source = models.CharField(max_length=50, blank=True, default="")
    external_id = models.CharField(max_length=100, blank=True, default="")
    # Not auto_now: loaddata would find no value in the guide's fixtures. `save` sets it.
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # The id breaks ties, so that paging neither repeats nor skips tickets filed in the same second.
        ordering: ClassVar = ["-created_at", "-id"]
        # One for each filter and order of the list; each is walked in either direction. The first also has
        # the columns that say whose a ticket is, so that those of others are passed over without being read.
        indexes: ClassVar = [
            models.Index(fields=["created_at", "id", "department", "user", "assignee"], name="ticket_by_age"),
            models.Index(fields=["updated_at", "id"], name="ticket_by_change"),
            models.Index(fields=["name", "id"], name="ticket_by_name"),
            models.Index(fields=["priority", "created_at", "id"], name="ticket_by_priority"),
            models.Index(fields=["department", "created_at", "id"], name="ticket_by_department"),
            models.Index(fields=["status", "created_at", "id"], name="ticket_by_status"),
            models.Index(fields=["assignee", "created_at", "id"], name="ticket_by_assignee"),
            models.Index(fields=["user", "created_at", "id"], name="ticket_by_user"),
            models.Index(
                fields=["device", "created_at", "id"], name="ticket_by_device", condition=~models.Q(device="")
            ),
            models.Index(
                fields=["source", "created_at", "id"], name="ticket_by_source", condition=~models.Q(source="")
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_ticket_per_report",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue} - {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        """Write the ticket, and when that was (fixtures, which bring their own moment, do not come here)."""
        self.updated_at = timezone.now()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at"}
        super().save(*args, **kwargs)


class Comment(models.Model):
    """What somebody said on a ticket. Never changed and never deleted, but with its ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    text = models.TextField()
    # Among agents and instructors; the student who filed the ticket does not see it.
    internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["ticket", "id"])]

    def __str__(self) -> str:
        return f"comment {self.pk} on ticket {self.ticket_id}"


class TicketEvent(models.Model):
    """What happened to a ticket, written in the very transaction in which it happened.

    One log with three readers: the ticket's audit trail, the live feed (its ids are the feed's event ids),
    and the sender that posts new tickets to Discord (an outbox). A deleted ticket's events stay; so that the
    feed knows who may hear of one without asking the ticket, it keeps the department and the owner.
    """

    class Action(models.TextChoices):
        """What happened."""

        CREATED = "created"
        CHANGED = "changed"
        COMMENTED = "commented"
        DELETED = "deleted"

    action = models.CharField(max_length=9, choices=Action.choices)
    at = models.DateTimeField(default=timezone.now)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.DO_NOTHING, db_constraint=False, related_name="events", db_index=False
    )
    department = models.ForeignKey(
        Department, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    # Which one the ticket has left with this very change: it hears of that, and of nothing later.
    left = models.ForeignKey(
        Department,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # {"status": ["open", "resolved"]}: of each changed field the old value and the new one.
    changes = models.JSONField(default=dict)
    internal = models.BooleanField(default=False)
    request_id = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["ticket", "id"])]

    def __str__(self) -> str:
        return f"ticket {self.ticket_id} {self.action}"
