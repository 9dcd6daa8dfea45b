"""What the list of tickets can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from ticketing.models import Ticket


class TicketFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By priority, by department, and by when the ticket was filed."""

    created_after = filters.IsoDateTimeFilter("created_at", "gte", label="Filed at this moment or later")
    created_before = filters.IsoDateTimeFilter("created_at", "lt", label="Filed before this moment")

    class Meta:
        model = Ticket
        fields = ("priority", "department")
