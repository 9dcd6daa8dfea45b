"""What is said on a ticket: read and added to, never changed."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from drf_jwt_backend.paging import Pages
from ticketing.api import documents, rows
from ticketing.models import Comment
from ticketing.permissions import RolePermission, account
from ticketing.roles import role_of
from ticketing.serializers import CommentSerializer
from ticketing.services import desk
from ticketing.services.scope import visible_comments, visible_tickets

FIELDS = ("id", "author", "author__username", "text", "internal", "created_at")


class Comments(GenericAPIView[Comment]):
    """The comments on a ticket, the oldest first; internal ones for agents and instructors alone."""

    serializer_class = CommentSerializer
    permission_classes = (RolePermission,)
    pagination_class = Pages
    filter_backends = ()

    @documents.comments
    def get(self, request: Request, ticket_id: str) -> Response:
        """One page of them."""
        said = visible_comments(request.user, int(ticket_id)).order_by("id").values(*FIELDS)
        return self.get_paginated_response(
            [rows.with_people(each, FIELDS) for each in self.paginate_queryset(said) or ()]
        )

    @documents.comment
    def post(self, request: Request, ticket_id: str) -> Response:
        """Say something."""
        ticket = visible_tickets(request.user).get(pk=ticket_id)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        if given["internal"] and not role_of(request.user).works:
            raise PermissionDenied("Only agents and instructors may comment internally.")
        said = desk.comment(ticket, account(request), given["text"], internal=given["internal"])
        row = {name: getattr(said, name) for name in ("id", "text", "internal", "created_at")}
        who = {"author": request.user.pk, "author__username": request.user.get_username()}
        return Response(rows.with_people(row | who, FIELDS), status.HTTP_201_CREATED)
