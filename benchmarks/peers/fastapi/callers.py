"""Who asks, and which tickets that user sees."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Header, HTTPException
from sqlalchemy import ColumnElement, Connection, case, false, or_, select, true

from benchmarks.peers import tokens
from benchmarks.peers.fastapi.tables import desks, groups, memberships, tickets, users

_STRENGTH = {"instructors": 0, "agents": 1, "students": 2}
_role = (
    select(groups.c.name)
    .join(memberships, memberships.c.group_id == groups.c.id)
    .where(memberships.c.user_id == users.c.id, groups.c.name.in_(_STRENGTH))
    .order_by(case(_STRENGTH, value=groups.c.name))
    .limit(1)
    .scalar_subquery()
)
_caller = select(users.c.id, users.c.is_superuser, _role.label("role")).where(users.c.is_active)


class Caller(NamedTuple):
    """A user, and the condition on the tickets that the user's role sees."""

    id: int
    scope: ColumnElement[bool]


async def token(authorization: Annotated[str, Header()] = "") -> int:
    """The user whom the access token names; needs no database, and so no thread."""
    known = tokens.user_id(authorization)
    if known is None:
        raise HTTPException(401)
    return known


Token = Annotated[int, Depends(token)]


def caller(connection: Connection, user: int) -> Caller:
    """The user with the role, in one query."""
    found = connection.execute(_caller.where(users.c.id == user)).first()
    if found is None:
        raise HTTPException(401)
    return Caller(found.id, _scope(found.id, "instructors" if found.is_superuser else found.role))


def _scope(user: int, role: str | None) -> ColumnElement[bool]:
    own = tickets.c.user == user
    if role == "instructors":
        return true()
    if role == "agents":
        desk = select(desks.c.department_id).where(desks.c.user_id == user)
        return or_(tickets.c.department.in_(desk), own, tickets.c.assignee == user)
    return own if role == "students" else false()
