"""A ticket's picture, `/api/tickets/{id}/image/`: read, put and taken away by whoever sees the ticket."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ticketing.api import documents, rows, uploads
from ticketing.api.preconditions import known_versions
from ticketing.models import Ticket
from ticketing.services import desk
from ticketing.services.scope import visible_tickets

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
_INTERNAL = "/media/"  # nginx.conf: a location that only this answer can lead to


class AnyAccept(DefaultContentNegotiation):
    """Whatever a client says that it accepts (`image/*`, most likely), errors come as JSON."""

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        """The first, without asking."""
        first = next(iter(renderers))
        return first, str(first.media_type)


class PictureView(APIView):
    """The picture of one ticket."""

    queryset = Ticket.objects.all()  # for the schema: what the id in the path is
    permission_classes = (IsAuthenticated,)
    parser_classes = (MultiPartParser, uploads.RawPictureParser)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="tickets_image_retrieve",
        summary="The ticket's picture",
        responses={(200, kind): OpenApiTypes.BINARY for kind in TYPES.values()},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The picture, shown in place. A browser may keep it, but asks each time whether it still may."""
        name = _visible(request, pk).image.name
        if not name:
            raise Http404
        suffix = PurePosixPath(name).suffix
        response = _from_edge(name) if _behind_our_edge(request) else _from_disk(name)
        response["Content-Type"] = TYPES.get(suffix, "application/octet-stream")
        response["Content-Disposition"] = f'inline; filename="ticket-{pk}{suffix}"'
        response["Cache-Control"] = "private, no-cache"
        return response

    @extend_schema(
        operation_id="tickets_image_update",
        summary="Give the ticket a picture",
        parameters=[documents.IF_MATCH],
        description=(
            "PNG, JPEG or WebP by content, as field `image` of a form or as the body itself; at most 5 MiB "
            "and 20 megapixels. It is turned upright and encoded anew: metadata (camera, position) is gone."
        ),
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"image": {"type": "string", "format": "binary"}},
                "required": ["image"],
            },
            **dict.fromkeys(TYPES.values(), OpenApiTypes.BINARY),
        },
        responses={
            200: {
                "type": "object",
                "properties": {"image": {"type": "string", "description": "Where the picture is now."}},
                "required": ["image"],
            },
        },
    )
    def put(self, request: Request, pk: int) -> Response:
        """Take the picture in place of the one that is there."""
        ticket = _visible(request, pk)
        known = known_versions(request, ticket.pk)
        ticket = desk.illustrate(ticket.pk, cast(User, request.user), uploads.picture(request), known)
        return Response({"image": rows.address(ticket.pk)})

    @extend_schema(
        operation_id="tickets_image_destroy",
        summary="Take the ticket's picture away",
        parameters=[documents.IF_MATCH],
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Remove the picture; none being there is no error."""
        ticket = _visible(request, pk)
        known = known_versions(request, ticket.pk)
        desk.change(ticket.pk, cast(User, request.user), {"image": None}, known)
        return Response(status=204)


def _visible(request: Request, pk: int) -> Ticket:
    return get_object_or_404(visible_tickets(request.user), pk=pk)


def _behind_our_edge(request: Request) -> bool:
    """Whether Nginx offers to send the file itself, so that no thread of ours is busy while it does.

    Believed only if there is a proxy at all: one that is not ours and passes a client's own word on does that
    client no favour.
    """
    return bool(settings.NUM_PROXIES) and request.headers.get("X-Sendfile-Type") == "X-Accel-Redirect"


def _from_edge(name: str) -> HttpResponseBase:
    return HttpResponse(headers={"X-Accel-Redirect": f"{_INTERNAL}{quote(name)}"})


def _from_disk(name: str) -> HttpResponseBase:
    try:
        return FileResponse(default_storage.open(name))
    except FileNotFoundError as error:
        raise Http404 from error
