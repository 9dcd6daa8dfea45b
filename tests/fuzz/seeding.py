"""A small helpdesk: three departments, somebody of each role, and tickets in every state."""

from __future__ import annotations

from django.contrib.auth.models import User
from rest_framework_simplejwt.tokens import RefreshToken

from tests.unit.service.callers import make_user
from ticketing.models import Department, Ticket
from ticketing.services import desk

# Name -> the group; None for whoever brings no token.
CALLERS = {"anonymous": None, "student": "students", "agent": "agents", "instructor": "instructors"}
DEPARTMENTS = 3
TICKETS = 12


def seed() -> None:
    """Fill an empty, migrated database. Ids begin at 1."""
    users = [make_user(name, group) for name, group in CALLERS.items() if group]
    desks = [Department.objects.create(name=f"Desk {number}") for number in range(1, DEPARTMENTS + 1)]
    desks[0].agents.add(users[1])
    statuses = list(Ticket.Status)
    for number in range(TICKETS):
        ticket = desk.file(
            users[number % 2],  # the student, the agent
            {
                "name": f"Caller {number}",
                "email": f"caller{number}@example.com",
                "phone": f"800555{number:04}",
                "issue": f"No link on port {number}",
                "department": desks[number % DEPARTMENTS],
                "status": statuses[number % len(statuses)],
            },
        )
        desk.comment(ticket, users[2], "Seen.", internal=number % 2 == 0)


def token(name: str) -> str | None:
    """An access token of the caller with this name, as /api/token/ gives it; None for the anonymous."""
    if CALLERS[name] is None:
        return None
    return str(RefreshToken.for_user(User.objects.get(username=name)).access_token)
