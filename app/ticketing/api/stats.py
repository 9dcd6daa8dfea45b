"""Statistics, for anyone."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from ticketing.api import counts
from ticketing.api.reading import PUBLIC, answer
from ticketing.models import Ticket
from ticketing.services.statistics import statistics

# Counting a million tickets takes about half a second, which not every anonymous request may cost.
kept = counts.Kept[dict[str, Any]](size_of=lambda found: int(found["tickets"]))


def _numbers(name: str, keys: list[str]) -> serializers.Serializer[Any]:
    return inline_serializer(name, {key: serializers.IntegerField() for key in keys})


_SHAPE = inline_serializer(
    "Statistics",
    {
        "tickets": serializers.IntegerField(),
        "last_24_hours": serializers.IntegerField(),
        "by_status": _numbers("StatisticsByStatus", Ticket.Status.values),
        "by_priority": _numbers("StatisticsByPriority", [str(value) for value in Ticket.Priority.values]),
        "by_department": inline_serializer(
            "StatisticsByDepartment",
            {
                "id": serializers.IntegerField(),
                "name": serializers.CharField(),
                "tickets": serializers.IntegerField(),
            },
            many=True,
        ),
    },
)


class StatisticsView(APIView):
    """How many tickets there are. The same for everybody, so nobody is asked who they are."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses=_SHAPE, auth=[])
    def get(self, request: Request) -> HttpResponseBase:
        """Counts by status, priority and department. Beyond 10,000 tickets they may be a while old."""
        return answer(request, kept.get("all", statistics), cache=PUBLIC, varies=())
