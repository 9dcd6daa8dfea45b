"""The part of the feed that the ordinary API serves: the ticket to it."""

from __future__ import annotations

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ticketing.live import passes
from ticketing.live.admission import end_of
from ticketing.roles import Role, role_of

_ANSWER = inline_serializer(
    "LiveTicket", {"ticket": serializers.CharField(), "expires_in": serializers.IntegerField()}
)


class LiveTicketView(APIView):
    """A ticket to the live feed, for browsers."""

    @extend_schema(operation_id="live_ticket_create", request=None, responses=_ANSWER)
    def post(self, request: Request) -> Response:
        """Get a ticket for `GET /api/live/?ticket=…` (or `/api/live/ws/`), valid for `expires_in` seconds.

        A browser's EventSource and WebSocket cannot send an Authorization header, and a token does not
        belong into a URL, which is logged. A stream lasts as long as what you logged in with.
        """
        user = request.user
        if not isinstance(user, User) or role_of(user) is Role.NONE:
            raise PermissionDenied("Only people with a role in the helpdesk may listen to its tickets.")
        ticket = passes.give(user.pk, end_of(request.auth))
        return Response(
            {"ticket": ticket, "expires_in": passes.SECONDS}, headers={"Cache-Control": "no-store"}
        )
