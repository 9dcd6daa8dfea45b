"""Filing, changing and deleting tickets."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from ticketing.api import answers, documents, idempotency, reports
from ticketing.api.preconditions import known_versions
from ticketing.models import Ticket
from ticketing.permissions import account, check_change
from ticketing.serializers import TicketChangeSerializer, TicketSerializer
from ticketing.services import desk
from ticketing.services.scope import visible_tickets

if TYPE_CHECKING:
    from rest_framework.viewsets import GenericViewSet

    Base = GenericViewSet[Ticket]
else:
    Base = object


class TicketWriting(Base):
    """The writing half of the tickets' viewset: everything goes through the desk, and so into the log."""

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """What may be sent differs between filing a ticket and changing one."""
        changing = self.action in ("update", "partial_update")
        return TicketChangeSerializer if changing else TicketSerializer

    @documents.create
    def create(self, request: Request) -> Response:
        """File a ticket, or report an outage; with an Idempotency-Key, once."""
        answer, replayed = idempotency.once(
            request, lambda: reports.file(request.user, self._given(request, partial=False))
        )
        return answer.response(**({"Idempotency_Replayed": "true"} if replayed else {}))

    @documents.update
    def update(self, request: Request, pk: str) -> Response:
        """Give a ticket other values; what is optional and left out stays as it is."""
        return self._change(request, int(pk), partial=False)

    @documents.partial_update
    def partial_update(self, request: Request, pk: str) -> Response:
        """Give some of a ticket's fields other values."""
        return self._change(request, int(pk), partial=True)

    @documents.destroy
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a ticket and its comments; its trail stays."""
        ticket = visible_tickets(request.user).get(pk=pk)
        desk.delete(ticket, account(request), known_versions(request, ticket.pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, ticket_id: int, *, partial: bool) -> Response:
        ticket = desk.change(
            ticket_id,
            account(request),
            self._given(request, partial=partial),
            known_versions(request, ticket_id),
            among=visible_tickets(request.user),
            allow=functools.partial(check_change, request.user),
        )
        return answers.changed(ticket).response()

    def _given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        serializer = self.get_serializer(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)
