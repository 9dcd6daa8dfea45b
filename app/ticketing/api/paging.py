"""Lists of tickets in pages: by number, with a count, or by cursor, at the same cost however deep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from drf_jwt_backend.paging import Pages
from drf_jwt_backend.prepared import Statement
from ticketing.api import counts, cursors, ordering, rows, statements
from ticketing.api.cursors import Cursor
from ticketing.filters import NARROWING
from ticketing.models import Ticket
from ticketing.roles import role_of

Page = dict[str, Any]
kept_counts = counts.Kept[int](size_of=lambda count: count)
_NUMBER = re.compile(r"0*[1-9][0-9]{0,9}")


class TicketPages(Pages):
    """Tells the schema of both kinds of pages; `page` makes them."""

    display_page_controls = False

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """`page`, `page_size` and `cursor`."""
        cursor = {
            "name": "cursor",
            "in": "query",
            "required": False,
            "description": "A page by its place, which costs the same however deep: empty for the first one, "
            "then what the links `next` and `previous` say. Without `count`.",
            "schema": {"type": "string"},
        }
        return [*super().get_schema_operation_parameters(view), cursor]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The count is left out of pages by cursor, and a large one may be old."""
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        described["properties"]["count"]["description"] = (
            f"How many there are in all. Beyond {counts.EXACT:,} it may be {counts.KEPT_SECONDS} seconds "
            "old, or older if there are very many. Not with a cursor."
        )
        return described | {"required": ["results"]}


@dataclass(frozen=True)
class Question:
    """What a request for a list asks. `narrowed` is None for all that the caller may see."""

    request: Request
    names: rows.Names
    order: str
    size: int
    narrowed: QuerySet[Ticket] | None

    def fetch(
        self, statement: Statement, limit: int, offset: int = 0, **place: object
    ) -> list[tuple[Any, ...]]:
        """The rows that the statement finds for the caller."""
        return statement.window(limit, offset).fetch(caller=self.request.user.pk, **place)

    def link(self, **parameters: str | None) -> str:
        """The address of the same list with other parameters; None takes one away."""
        query = self.request.query_params.copy()
        for name, value in parameters.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        address = self.request.build_absolute_uri(self.request.path)
        return f"{address}?{query.urlencode()}" if query else address


def page(question: Question) -> Page:
    """The page of tickets that was asked for. Raises NotFound and ValidationError."""
    cursor = question.request.query_params.get("cursor")
    if cursor is None:
        return _by_number(question)
    return _by_cursor(question, cursors.read(cursor, question.order) if cursor else None)


def _by_number(question: Question) -> Page:
    count = kept_counts.get(_counted(question), lambda: _count(question))
    last = max(1, ceil(count / question.size))
    number = _number(question.request.query_params.get("page", "1"), last)
    statement = _statement(question, rows.including(question.names))
    found = question.fetch(statement, question.size, (number - 1) * question.size)
    return {
        "count": count,
        "next": question.link(page=str(number + 1)) if number < last else None,
        "previous": question.link(page=str(number - 1) if number > 2 else None) if number > 1 else None,
        "results": rows.shaped(found, question.names),
    }


def _number(text: str, last: int) -> int:
    if text == "last":
        return last
    if not _NUMBER.fullmatch(text) or int(text) > last:
        raise NotFound(f"There is no such page; the last is {last}.")
    return int(text)


def _counted(question: Question) -> tuple[object, ...]:
    """What a count is kept under: the caller, whose role says what is there, and all that narrows it."""
    user, query = question.request.user, question.request.query_params
    narrowing = [(name, *query.getlist(name)) for name in sorted(NARROWING.intersection(query))]
    return (user.pk, role_of(user), *narrowing)


def _count(question: Question) -> int:
    if question.narrowed is None:
        statement = statements.count(role_of(question.request.user))
    else:
        statement = Statement.counting(question.narrowed)
    ((count,),) = statement.fetch(caller=question.request.user.pk)
    return int(count)


def _by_cursor(question: Question, cursor: Cursor | None) -> Page:
    """One row more than is shown tells whether there is another page."""
    sorted_by = ordering.names(question.order)
    # The fields of the place come along also when they are not to be shown.
    names = rows.including(question.names, sorted_by)
    place = cursor.parameters() if cursor else {}
    found = question.fetch(_statement(question, names, cursor), question.size + 1, **place)
    more, found = len(found) > question.size, found[: question.size]
    backwards = cursor is not None and cursor.backwards
    if backwards:
        found.reverse()
    places = [names.index(name) for name in sorted_by]
    following = found and (more or backwards)
    preceding = found and (more if backwards else cursor is not None)
    return {
        "next": _step(question, found[-1], places) if following else None,
        "previous": _step(question, found[0], places, backwards=True) if preceding else None,
        "results": rows.shaped(found, question.names),
    }


def _step(question: Question, row: Sequence[Any], places: Sequence[int], *, backwards: bool = False) -> str:
    """The link to what lies after a row, or before it."""
    cursor = Cursor(question.order, tuple(row[place] for place in places), backwards)
    return question.link(cursor=cursor.text())


def _statement(question: Question, names: rows.Names, cursor: Cursor | None = None) -> Statement:
    """Compiled before, if all that the caller sees is asked for."""
    order, narrowed, backwards = question.order, question.narrowed, cursor is not None and cursor.backwards
    if narrowed is None:
        role = role_of(question.request.user)
        if cursor is None:
            return statements.page(role, names, order)
        return statements.page_beyond(role, names, order, backwards)
    if cursor is not None:
        narrowed = cursors.beyond(narrowed, order, backwards=backwards)
    return statements.selecting(narrowed, names)
