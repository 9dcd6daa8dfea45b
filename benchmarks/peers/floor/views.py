"""The API as bare views: no middleware, no framework, no ORM. What the service costs more is its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from benchmarks.peers import pages, tokens
from benchmarks.peers.floor import statements
from ticketing.api.rows import COLUMNS, address
from ticketing.services import fields

# What each field of a new ticket must be.
CHECKS: dict[str, Callable[[object], Any]] = {
    "name": fields.text_up_to(255),
    "email": fields.email,
    "phone": fields.text_up_to(20),
    "issue": fields.text,
    "priority": fields.priority,
}
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and which tickets that user sees."""

    id: int
    scope: str
    values: tuple[int, ...]  # for the scope's %s


def authenticated(view: View) -> View:
    """The view, with the request's caller; 401 without one."""

    def guarded(request: HttpRequest, **key: int) -> HttpResponse:
        known = tokens.user_id(request.META.get("HTTP_AUTHORIZATION", ""))
        found = known and query(statements.CALLER, known)
        if not found:
            return HttpResponse(status=401)
        user, is_superuser, role = found[0]
        scope, count = statements.SCOPES["instructors" if is_superuser else role]
        return view(request, Caller(user, scope, (user,) * count), **key)

    return guarded


@authenticated
def tickets(request: HttpRequest, caller: Caller) -> HttpResponse:
    """One page of what the caller may see, or a new ticket."""
    if request.method == "POST":
        return create(request, caller)
    number = int(request.GET.get("page", 1))
    ((count,),) = query(statements.COUNT.format(scope=caller.scope), *caller.values)
    window = (pages.SIZE, (number - 1) * pages.SIZE)
    found = query(statements.PAGE.format(scope=caller.scope), *caller.values, *window)
    address = request.build_absolute_uri(request.path)
    return answer(pages.envelope(address, number, count, [row(values) for values in found]))


@authenticated
def ticket(request: HttpRequest, caller: Caller, ticket_id: int) -> HttpResponse:  # noqa: ARG001
    """One ticket that the caller may see."""
    found = query(statements.TICKET.format(scope=caller.scope), *caller.values, ticket_id)
    if not found:
        raise Http404
    return answer(row(found[0]))


def create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """File a ticket."""
    try:
        return answer(file(caller, orjson.loads(request.body)), 201)
    except fields.FieldError as error:
        return answer({"detail": str(error)}, 400)


def file(caller: Caller, said: dict[str, Any]) -> dict[str, Any]:
    """Check and write a new ticket, and what happened into the log. Raises FieldError."""
    checked = [check(said[name]) for name, check in CHECKS.items()]
    department, now = fields.key(said["department"]), datetime.now(UTC).replace(tzinfo=None)
    if not query(statements.DEPARTMENT, department):
        raise fields.FieldError("must be the id of a department")
    place = (now, now, caller.id, department, said.get("device", ""), said.get("interface", ""))
    with transaction.atomic():
        (filed,) = query(statements.FILE, *checked, *place)
        query(statements.NOTE, now, filed[0], department, caller.id, caller.id)
    return row(filed)


def query(statement: str, *values: str | int | datetime) -> list[tuple[Any, ...]]:
    """Run a statement; its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def row(values: Sequence[Any]) -> dict[str, Any]:
    """A ticket under the names that the API gives its columns."""
    ticket = dict(zip(COLUMNS, values, strict=True))
    ticket["image"] = address(ticket["id"]) if ticket["image"] else None
    return ticket


def answer(body: object, status: int = 200) -> HttpResponse:
    """JSON; the database's moments are in UTC and do not say so."""
    text = orjson.dumps(body, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    return HttpResponse(text, content_type="application/json", status=status)


urlpatterns = [path("api/tickets/", tickets), path("api/tickets/<int:ticket_id>/", ticket)]
