"""The API's views."""

from __future__ import annotations

from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from ticketing.filters import TicketFilter
from ticketing.models import Department, Ticket
from ticketing.permissions import DepartmentPermission, TicketPermission
from ticketing.serializers import DepartmentSerializer, TicketSerializer
from ticketing.throttles import FileTicketThrottle


class DepartmentViewSet(ModelViewSet[Department]):
    """The desks that tickets are filed with. Students read, instructors also write."""

    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    permission_classes = (DepartmentPermission,)
    search_fields = ("name",)
    ordering_fields = ("id", "name")


class TicketViewSet(ModelViewSet[Ticket]):
    """Tickets. Anyone files one; students read all and change their own; instructors do everything."""

    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    permission_classes = (TicketPermission,)
    throttle_classes = (FileTicketThrottle,)
    filterset_class = TicketFilter
    # Never e-mail or phone: a search or an order by a hidden field would tell its value letter by letter.
    search_fields = ("issue", "name")
    ordering_fields = ("id", "created_at", "priority", "department", "name")

    def perform_create(self, serializer: BaseSerializer[Ticket]) -> None:
        """The ticket belongs to whoever files it, or to nobody."""
        user = self.request.user
        serializer.save(user=user if user.is_authenticated else None)
