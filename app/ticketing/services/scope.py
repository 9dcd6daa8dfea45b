"""Whose tickets are whose: the one place that says which rows a caller may see at all.

Everything that reads tickets for somebody (lists, details, filters, search, statistics, comments, the live
feed) starts from these, so there is no way around.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import BooleanField, Case, Q, QuerySet, When

from ticketing.models import Comment, Department, Ticket, TicketEvent
from ticketing.roles import Role, role_of, with_role

Caller = AbstractBaseUser | AnonymousUser


def visible_tickets(caller: Caller) -> QuerySet[Ticket]:
    """Instructors see all; agents their departments', own and assigned ones; students their own."""
    role = role_of(caller)
    if role is Role.INSTRUCTOR:
        return Ticket.objects.all()
    if role is Role.AGENT:
        desks = Department.objects.filter(agents=caller.pk).order_by().values("pk")
        theirs = Q(department__in=desks) | Q(user=caller.pk) | Q(assignee=caller.pk)
        # A plain OR would have SQLite gather all such tickets by three indexes and sort them for each page. A
        # CASE makes it walk the index of the list's order, which has these columns, until the page is full.
        return Ticket.objects.filter(
            Case(When(theirs, then=True), default=False, output_field=BooleanField())
        )
    if role is Role.STUDENT:
        return Ticket.objects.filter(user=caller.pk)
    return Ticket.objects.none()


def visible_events(caller: Caller) -> QuerySet[TicketEvent]:
    """What happened to such tickets; what agents and instructors say among themselves is for them alone.

    A deleted ticket's events are among them. An agent hears of a ticket that was assigned from elsewhere by
    asking for it, not here: an event does not know the assignee.
    """
    role = role_of(caller)
    if role is Role.INSTRUCTOR:
        return TicketEvent.objects.all()
    if role is Role.AGENT:
        desks = Department.objects.filter(agents=caller.pk).order_by().values("pk")
        return TicketEvent.objects.filter(Q(department__in=desks) | Q(left__in=desks) | Q(owner=caller.pk))
    if role is Role.STUDENT:
        return TicketEvent.objects.filter(owner=caller.pk, internal=False)
    return TicketEvent.objects.none()


def visible_comments(caller: Caller, ticket_id: int) -> QuerySet[Comment]:
    """What was said on a ticket that the caller may see. Raises Ticket.DoesNotExist for another."""
    _require(caller, ticket_id)
    said = Comment.objects.filter(ticket=ticket_id)
    return said if role_of(caller).works else said.filter(internal=False)


def visible_trail(caller: Caller, ticket_id: int) -> QuerySet[TicketEvent]:
    """What happened to one ticket that the caller may see. Raises Ticket.DoesNotExist for another.

    A deleted ticket keeps its trail, for those who would hear of it.
    """
    happened = TicketEvent.objects.filter(ticket=ticket_id)
    if happened.filter(action=TicketEvent.Action.DELETED).exists():
        trail = visible_events(caller).filter(ticket=ticket_id)
        if not trail.exists():
            raise Ticket.DoesNotExist
        return trail
    _require(caller, ticket_id)
    return happened if role_of(caller).works else happened.filter(internal=False)


def _require(caller: Caller, ticket_id: int) -> None:
    if not visible_tickets(caller).filter(pk=ticket_id).exists():
        raise Ticket.DoesNotExist


class Noted(Protocol):
    """What must be known of an event to say who hears of it."""

    @property
    def department(self) -> int:
        """The department's id."""

    @property
    def left(self) -> int | None:
        """The id of the department that the ticket has left with it."""

    @property
    def owner(self) -> int | None:
        """The id of whoever filed the ticket."""

    @property
    def internal(self) -> bool:
        """Whether it is for agents and instructors alone."""


@dataclass(frozen=True, slots=True)
class Audience:
    """`visible_events` as a question: the live feed asks it of each event, for many callers."""

    user: int
    role: Role
    desks: frozenset[int] = frozenset()

    def hears(self, event: Noted) -> bool:
        """Whether the event would be among the caller's `visible_events`."""
        if self.role is Role.INSTRUCTOR:
            return True
        if self.role is Role.AGENT:
            return not self.desks.isdisjoint((event.department, event.left)) or event.owner == self.user
        return self.role is Role.STUDENT and event.owner == self.user and not event.internal


def audiences(users: Collection[int]) -> dict[int, Audience]:
    """Of these users (by id) those who may hear of tickets at all, as they stand now; two queries."""
    active = with_role(User.objects.filter(pk__in=users, is_active=True))
    roles = {user.pk: role_of(user) for user in active}
    desks: dict[int, set[int]] = {pk: set() for pk in roles}
    for user, desk in Department.agents.through.objects.filter(user__in=roles).values_list(
        "user_id", "department_id"
    ):
        desks[user].add(desk)
    return {
        pk: Audience(pk, role, frozenset(desks[pk])) for pk, role in roles.items() if role is not Role.NONE
    }
