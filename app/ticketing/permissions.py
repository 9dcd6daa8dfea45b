"""What each role may do through the API; which tickets it sees at all is in `ticketing.services.scope`."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from django.contrib.auth.models import AnonymousUser, User
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from ticketing.models import Ticket
from ticketing.roles import Role, role_of

# What whoever filed a ticket may still change, and until when.
OWNERS_FIELDS = frozenset({"name", "email", "phone", "issue", "device", "interface"})
DONE = frozenset({Ticket.Status.RESOLVED, Ticket.Status.CLOSED})


def account(request: Request) -> User:
    """The caller, where a permission has let in nobody without an account."""
    return cast("User", request.user)


class DepartmentPermission(BasePermission):
    """Anyone reads, so as to know where to file; instructors also create, change and delete."""

    message = "Only instructors may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Refuse everybody but instructors who wants to write."""
        return request.method in SAFE_METHODS or role_of(request.user) is Role.INSTRUCTOR


class RolePermission(BasePermission):
    """Those with a role; what each of them sees is a matter of scope."""

    message = "Only students, agents and instructors may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Refuse the anonymous, and accounts without a role."""
        return role_of(request.user) is not Role.NONE


class TicketPermission(RolePermission):
    """Anyone files a ticket; those with a role also read and change; instructors also delete."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Decide by method and role alone."""
        if request.method == "POST":
            return True
        if request.method == "DELETE" and role_of(request.user) is not Role.INSTRUCTOR:
            self.message = "Only instructors may delete tickets."
            return False
        return super().has_permission(request, view)


def check_change(caller: User | AnonymousUser, ticket: Ticket, names: Collection[str]) -> None:
    """Accept that the caller changes these fields of a ticket that they see. Raises PermissionDenied."""
    if role_of(caller).works:
        return
    refused = ", ".join(name for name in names if name not in OWNERS_FIELDS)
    if refused:
        raise PermissionDenied(f"Only agents and instructors may change {refused}.")
    if ticket.status in DONE:
        raise PermissionDenied(
            f"Only agents and instructors may change a ticket that is {ticket.status}; comment on it instead."
        )
