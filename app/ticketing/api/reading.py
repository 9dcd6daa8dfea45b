"""What is read: lists, single rows, and only as much as changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from drf_jwt_backend.paging import Pages
from ticketing import filters
from ticketing.api import documents, etags, ordering, paging, rows, statements
from ticketing.api.rendering import dumps
from ticketing.models import Department, Ticket
from ticketing.roles import role_of
from ticketing.services.scope import visible_tickets

PRIVATE = "private, no-cache"
PUBLIC = "public, max-age=5"
_JSON = "application/json"
_FIELDS = OpenApiParameter(
    "fields",
    {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(rows.ALL)}},
    explode=False,
    style="form",
    description="Only these fields, separated by commas.",
)


class TicketReading(GenericAPIView[Ticket]):
    """Lists tickets and shows single ones, of those that the caller may see."""

    paginator: paging.TicketPages
    queryset = Ticket.objects.all()
    filterset_class = filters.TicketFilter
    filter_backends = (DjangoFilterBackend, filters.TicketSearch, ordering.TicketOrdering)
    search_fields = ("issue", "name", "device")
    pagination_class = paging.TicketPages
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Ticket]:
        """The tickets that the caller may see: all others are not there."""
        return visible_tickets(self.request.user)

    def get_throttles(self) -> list[BaseThrottle]:
        """None on reading."""
        return [] if self.request.method in SAFE_METHODS else super().get_throttles()

    @extend_schema(parameters=[_FIELDS])
    def list(self, request: Request) -> HttpResponseBase:
        """A page of tickets."""
        narrowed = (
            self.filter_queryset(self.get_queryset()) if filters.narrows(request.query_params) else None
        )
        size = self.paginator.get_page_size(request)
        question = paging.Question(request, rows.asked(request), ordering.asked(request), size, narrowed)
        return answer(request, paging.page(question))

    @extend_schema(parameters=[_FIELDS], filters=False)
    def retrieve(self, request: Request, pk: str) -> HttpResponseBase:
        """One ticket."""
        names, user = rows.asked(request), request.user
        fetched = rows.including(names, ("updated_at",))
        found = statements.ticket(role_of(user), fetched).fetch(caller=user.pk, ticket=int(pk))
        if not found:
            raise NotFound
        updated_at = _aware(found[0][fetched.index("updated_at")])
        etag = etags.tag(int(pk), updated_at, rows.variant(names))
        return answer(request, rows.shaped(found, names)[0], etag)


class DepartmentReading(GenericAPIView[Department]):
    """Lists departments and shows single ones, to anyone; what the anonymous get may be kept for all."""

    paginator: Pages
    lookup_value_regex = "[0-9]{1,18}"

    @documents.for_anyone
    def list(self, request: Request) -> HttpResponseBase:
        """A page of departments."""
        found = self.filter_queryset(self.get_queryset()).values("id", "name")
        page = self.paginator.paginate_queryset(found, request, view=self)
        return answer(request, self.paginator.get_paginated_response(page).data, cache=_cache(request))

    @documents.for_anyone
    def retrieve(self, request: Request, pk: str) -> HttpResponseBase:
        """One department."""
        found = self.get_queryset().filter(pk=int(pk)).values("id", "name").first()
        if found is None:
            raise NotFound
        return answer(request, found, cache=_cache(request))


def answer(
    request: Request,
    data: Mapping[str, Any],
    etag: str | None = None,
    cache: str = PRIVATE,
    varies: Sequence[str] = ("Authorization", "Cookie"),
) -> HttpResponseBase:
    """The data as the client wants it; as JSON with an ETag, or 304 if the client has it already.

    Without an `etag` the body makes one. JSON goes through no renderer: that costs as much as a query.
    """
    plain = request.accepted_media_type == _JSON  # not the browsable page, nor indented
    response = _json(request, data, etag) if plain else Response(data)
    response.headers["Cache-Control"] = cache
    if varies:  # Accept comes along by itself
        response.headers["Vary"] = ", ".join(varies)
    return response


def _json(request: Request, data: Mapping[str, Any], etag: str | None) -> HttpResponse:
    body = dumps(data)
    etag = etag or etags.of_body(body)
    if etags.is_known(etag, request.META.get("HTTP_IF_NONE_MATCH")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=_JSON)
    response.headers["ETag"] = etag
    return response


def _cache(request: Request) -> str:
    return PRIVATE if request.user.is_authenticated else PUBLIC


def _aware(moment: datetime) -> datetime:
    """SQLite's driver leaves out that its moments are in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
