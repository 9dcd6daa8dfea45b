"""The API with django-ninja: rows without model objects, written by orjson as ninja's documentation shows."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.renderers import BaseRenderer
from ninja.responses import Status
from ninja.security import APIKeyHeader

from benchmarks.peers import pages, tokens
from benchmarks.peers.new_ticket import NewTicket
from ticketing.api import rows
from ticketing.models import Department, Ticket, TicketEvent
from ticketing.roles import with_role
from ticketing.services.scope import visible_tickets


class Orjson(BaseRenderer):
    """JSON by orjson; moments in UTC end in Z, as the service's do."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: object, *, response_status: int) -> bytes:  # noqa: ARG002
        """The answer's body."""
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class Token(APIKeyHeader):
    """The caller whom an access token names, with the role, in one query."""

    param_name = "Authorization"

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:  # noqa: ARG002
        """The user, or None for a token that is not good."""
        known = tokens.user_id(key or "")
        return None if known is None else with_role(User.objects.filter(pk=known, is_active=True)).first()


class Request(HttpRequest):
    """A request that passed `Token`."""

    auth: User


api = NinjaAPI(auth=Token(), renderer=Orjson(), openapi_url=None)


def read(tickets: QuerySet[Ticket]) -> list[rows.Row]:
    """The tickets' rows, without a model object for each."""
    return rows.shaped(list(tickets.values_list(*rows.COLUMNS.values())), rows.ALL)


@api.get("/tickets/")
def tickets(request: Request, page: int = 1) -> dict[str, Any]:
    """One page of what the caller may see."""
    visible = visible_tickets(request.auth)
    start = (page - 1) * pages.SIZE
    address = request.build_absolute_uri(request.path)
    return pages.envelope(address, page, visible.count(), read(visible[start : start + pages.SIZE]))


@api.get("/tickets/{ticket_id}/")
def ticket(request: Request, ticket_id: int) -> rows.Row:
    """One ticket that the caller may see."""
    found = read(visible_tickets(request.auth).filter(pk=ticket_id))
    if not found:
        raise Http404
    return found[0]


@api.post("/tickets/", response={201: Any})
def file(request: Request, new: NewTicket) -> Status[rows.Row]:
    """File a ticket; what happened goes into the log in the same transaction."""
    fields = new.model_dump()
    department = fields.pop("department")
    if not Department.objects.filter(pk=department).exists():
        raise HttpError(400, "There is no such department.")
    with transaction.atomic():
        filed = Ticket.objects.create(user=request.auth, department_id=department, **fields)
        TicketEvent.objects.create(
            action=TicketEvent.Action.CREATED,
            ticket=filed,
            department_id=department,
            owner=request.auth,
            actor=request.auth,
            request_id="-",
        )
    return Status(201, rows.of(filed))


urlpatterns = [path("api/", api.urls)]
