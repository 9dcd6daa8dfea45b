"""The orders of lists of tickets. Each is total, so that paging neither repeats nor skips a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from ticketing.api import rows
from ticketing.models import Ticket

DEFAULT = "-created_at"
# Order -> what it sorts by, first things first; there is an index for each. What ties in the first is told
# apart by the others, in the same direction: `-priority` is the most urgent first, of those the newest first.
_NAMES: Mapping[str, rows.Names] = {
    "id": ("id",),
    "name": ("name", "id"),
    "created_at": ("created_at", "id"),
    "updated_at": ("updated_at", "id"),
    "priority": ("priority", "created_at", "id"),
    "status": ("status", "created_at", "id"),
    "department": ("department", "created_at", "id"),
}
ORDERS = tuple(f"{sign}{name}" for name in _NAMES for sign in ("", "-"))


def names(order: str) -> rows.Names:
    """The fields that the tickets are sorted by, all in the same direction."""
    return _NAMES[order.removeprefix("-")]


def columns(order: str) -> list[str]:
    """Their columns."""
    return [rows.COLUMNS[name] for name in names(order)]


def is_descending(order: str) -> bool:
    """Whether the largest comes first."""
    return order.startswith("-")


def put_in_order(tickets: QuerySet[Ticket], order: str, *, backwards: bool = False) -> QuerySet[Ticket]:
    """The tickets in this order, or in the opposite one."""
    sign = "-" if is_descending(order) != backwards else ""
    return tickets.order_by(*(f"{sign}{column}" for column in columns(order)))


def asked(request: Request) -> str:
    """The order that `?ordering=` asks for. Raises ValidationError for one that there is not."""
    order = request.query_params.get("ordering") or DEFAULT
    if order not in ORDERS:
        raise ValidationError({"ordering": [f"There is no such order; there are {', '.join(ORDERS)}."]})
    return order


class TicketOrdering(BaseFilterBackend):
    """`?ordering=priority`, or `-priority` for the opposite."""

    def filter_queryset(  # type: ignore[override]  # of tickets alone
        self,
        request: Request,
        queryset: QuerySet[Ticket],
        view: APIView,  # noqa: ARG002
    ) -> QuerySet[Ticket]:
        """The tickets in the order asked for."""
        return put_in_order(queryset, asked(request))

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:  # noqa: ARG002
        """The parameter, for the schema."""
        return [
            {
                "name": "ordering",
                "in": "query",
                "required": False,
                "description": "A hyphen turns the order round. Ties are told apart by the date and the id.",
                "schema": {"type": "string", "enum": list(ORDERS), "default": DEFAULT},
            }
        ]
