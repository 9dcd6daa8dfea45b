"""Answers to writing: a ticket's row, with where it is and which version it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import status
from rest_framework.response import Response
from rest_framework.reverse import reverse

from ticketing.api import etags, rows
from ticketing.models import Ticket


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of a response as it takes to give it again."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    def response(self, **headers: str) -> Response:
        """The response, with further headers (their names with _ for -)."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(self.body, self.status, headers={**self.headers, **more})


def changed(ticket: Ticket) -> Answer:
    """200: the ticket as it is now."""
    return Answer(status.HTTP_200_OK, {"ETag": etags.tag(ticket.pk, ticket.updated_at)}, rows.of(ticket))


def filed(ticket: Ticket) -> Answer:
    """201: a new ticket, and where it is (a path, so that it holds on either side of the proxy)."""
    place = reverse("ticket-detail", [ticket.pk])
    answer = changed(ticket)
    return Answer(status.HTTP_201_CREATED, {**answer.headers, "Location": place}, answer.body)
