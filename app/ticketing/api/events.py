"""What happened to a ticket: who changed what, from which value to which, in which request."""

from __future__ import annotations

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from drf_jwt_backend.paging import Pages
from ticketing.api import documents, rows
from ticketing.models import TicketEvent
from ticketing.permissions import RolePermission
from ticketing.serializers import EventSerializer
from ticketing.services.scope import visible_trail

FIELDS = ("id", "at", "action", "actor", "actor__username", "changes", "internal", "request_id")


class Events(GenericAPIView[TicketEvent]):
    """A ticket's trail, the oldest first; a deleted ticket keeps its own."""

    serializer_class = EventSerializer
    permission_classes = (RolePermission,)
    pagination_class = Pages
    filter_backends = ()

    @documents.events
    def get(self, request: Request, ticket_id: str) -> Response:
        """One page of it."""
        trail = visible_trail(request.user, int(ticket_id)).order_by("id").values(*FIELDS)
        page = self.paginate_queryset(trail) or ()
        return self.get_paginated_response([rows.with_people(each, FIELDS) for each in page])
