"""What each role may do through the API."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from ticketing.models import Ticket
from ticketing.roles import Role, role_of


class DepartmentPermission(BasePermission):
    """Students read; instructors also create, change and delete."""

    message = "Only instructors may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Refuse whoever has no role, and students who want to write."""
        role = role_of(request.user)
        return role is Role.INSTRUCTOR or (role is Role.STUDENT and request.method in SAFE_METHODS)


class TicketPermission(BasePermission):
    """Anyone files a ticket; students read all and change their own; instructors do everything."""

    message = "Only instructors and the ticket's own student may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Without a role, only filing is allowed."""
        return request.method == "POST" or role_of(request.user) is not Role.NONE

    def has_object_permission(self, request: Request, view: APIView, obj: Ticket) -> bool:  # noqa: ARG002
        """Changing needs an instructor or the ticket's own student."""
        return (
            request.method in SAFE_METHODS
            or role_of(request.user) is Role.INSTRUCTOR
            or obj.user_id == request.user.pk
        )
