"""The API's views."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.viewsets import ModelViewSet

from ticketing.api.writing import TicketWriting
from ticketing.filters import TicketFilter
from ticketing.models import Department, Ticket
from ticketing.permissions import DepartmentPermission, TicketPermission
from ticketing.serializers import DepartmentSerializer
from ticketing.services import desk
from ticketing.services.scope import visible_tickets
from ticketing.throttles import FileTicketThrottle

# Whatever is no whole number, or more than a database can hold, is no address.
KEY = "[0-9]{1,18}"


class DepartmentViewSet(ModelViewSet[Department]):
    """The desks that tickets are filed with. Anyone reads, instructors also write."""

    queryset = Department.objects.all()
    serializer_class = DepartmentSerializer
    permission_classes = (DepartmentPermission,)
    search_fields = ("name",)
    ordering_fields = ("id", "name")
    lookup_value_regex = KEY

    def perform_destroy(self, instance: Department) -> None:
        """Only an empty one can go."""
        desk.delete_department(instance)


class TicketViewSet(TicketWriting, ModelViewSet[Ticket]):
    """Tickets. Anyone files one; what else somebody may see and do is a matter of their role."""

    queryset = Ticket.objects.all()
    permission_classes = (TicketPermission,)
    throttle_classes = (FileTicketThrottle,)
    filterset_class = TicketFilter
    # Never e-mail or phone: a search or an order by a hidden field would tell its value letter by letter.
    search_fields = ("issue", "name")
    ordering_fields = ("id", "created_at", "priority", "department", "name")
    lookup_value_regex = KEY

    def get_queryset(self) -> QuerySet[Ticket]:
        """Those that the caller may see."""
        return visible_tickets(self.request.user)
