"""The API's views."""

from __future__ import annotations

from rest_framework.mixins import CreateModelMixin, DestroyModelMixin, UpdateModelMixin
from rest_framework.viewsets import GenericViewSet

from ticketing.api.reading import DepartmentReading, TicketReading
from ticketing.api.writing import TicketWriting
from ticketing.models import Department, Ticket
from ticketing.permissions import DepartmentPermission, TicketPermission
from ticketing.serializers import DepartmentSerializer
from ticketing.services import desk
from ticketing.throttles import FileTicketThrottle

# Whatever is no whole number, or more than a database can hold, is no address.
KEY = "[0-9]{1,18}"


class DepartmentViewSet(
    DepartmentReading, CreateModelMixin, UpdateModelMixin, DestroyModelMixin, GenericViewSet[Department]
):
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


class TicketViewSet(TicketReading, TicketWriting, GenericViewSet[Ticket]):
    """Tickets. Anyone files one; what else somebody may see and do is a matter of their role."""

    permission_classes = (TicketPermission,)
    throttle_classes = (FileTicketThrottle,)
    lookup_value_regex = KEY
