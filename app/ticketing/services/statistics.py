"""How many tickets there are, by what they are: numbers that say nothing of any one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from ticketing.models import Department, Ticket

Counts = dict[str, int]


def statistics() -> dict[str, Any]:
    """All tickets, by status, by priority and by department, and those filed within the last 24 hours.

    Five statements; those that count are answered by an index alone.
    """
    by_status = _by("status", Ticket.Status.values)
    since = timezone.now() - timedelta(hours=24)
    return {
        "tickets": sum(by_status.values()),
        "last_24_hours": Ticket.objects.filter(created_at__gte=since).count(),
        "by_status": by_status,
        "by_priority": _by("priority", Ticket.Priority.values),
        "by_department": _by_department(),
    }


def _by(field: str, values: list[Any]) -> Counts:
    """Counts of a field's values, those that do not occur included."""
    found = dict(_counted(field))
    return {str(value): found.get(value, 0) for value in values}


def _by_department() -> list[dict[str, Any]]:
    found = dict(_counted("department"))
    names = Department.objects.order_by("id").values_list("id", "name")
    return [{"id": key, "name": name, "tickets": found.get(key, 0)} for key, name in names]


def _counted(field: str) -> list[tuple[Any, int]]:
    groups = Ticket.objects.order_by().values_list(field)
    return list(groups.annotate(number=Count("*")).values_list(field, "number"))
