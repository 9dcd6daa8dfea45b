"""Whose tickets are whose: the one place that says which rows a caller may see at all.

Everything that reads tickets for somebody (lists, details, filters, search, statistics, comments, the live
feed) starts from these, so there is no way around.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from ticketing.models import Department, Ticket, TicketEvent
from ticketing.roles import Role, role_of

Caller = AbstractBaseUser | AnonymousUser


def visible_tickets(caller: Caller) -> QuerySet[Ticket]:
    """Instructors see all; agents their departments', own and assigned ones; students their own."""
    role = role_of(caller)
    if role is Role.INSTRUCTOR:
        return Ticket.objects.all()
    if role is Role.AGENT:
        desks = Department.objects.filter(agents=caller.pk).order_by().values("pk")
        return Ticket.objects.filter(Q(department__in=desks) | Q(user=caller.pk) | Q(assignee=caller.pk))
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
        return TicketEvent.objects.filter(Q(department__in=desks) | Q(owner=caller.pk))
    if role is Role.STUDENT:
        return TicketEvent.objects.filter(owner=caller.pk, internal=False)
    return TicketEvent.objects.none()
