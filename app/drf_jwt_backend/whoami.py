"""`/api/whoami/`: what each layer saw of the caller, from the connection up to the user."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_jwt_backend.context import request_id
from drf_jwt_backend.diagnostics import HOSTNAME, count, forwarded_client
from ticketing.roles import role_of

# What Nginx sets itself, whatever the client sent under the same name (nginx/proxy.conf, nginx/whoami.conf).
_FROM_EDGE = ("Host", "X-Forwarded-", "X-Request-Id", "X-Sendfile-Type", "X-Edge-")
_PREFIX = "X-Edge-"


def _text(explanation: str) -> serializers.CharField:
    return serializers.CharField(help_text=explanation, allow_null=True)


def _number(explanation: str) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=explanation, allow_null=True)


class EdgeSerializer(serializers.Serializer[Any]):
    """What Nginx, the edge, saw: the connection that the client itself made. Null if it was not asked."""

    client_address = _text(
        "Address at the other end of the edge's connection: yours, or that of a NAT before you."
    )
    client_port = _number("Port at that end; your system chose it, and chooses another for each connection.")
    server_address = _text("Address of the edge that you connected to.")
    server_port = _number("Port of the edge that you connected to: 80 for HTTP, 443 for HTTPS.")
    protocol = _text("HTTP version between you and the edge.")
    tls_version = _text(
        "TLS version agreed on in the handshake; null on plain HTTP, which anybody on the way reads."
    )
    tls_cipher = _text("Cipher suite agreed on in the handshake.")
    connection = _number("Number of your connection since the edge started.")
    connection_requests = _number("Requests that came by this connection so far: above 1, it was kept alive.")
    host = _text("Header Host (HTTP/2: :authority) as you sent it; the edge chose the site by it.")


class AppSerializer(serializers.Serializer[Any]):
    """What the application saw: a connection from the edge, and what the edge told about you."""

    peer_address = _text("Address at the other end of the app's connection: the edge's, if there is one.")
    peer_port = _number("Port at that end.")
    forwarded_client = _text("Your address as the edge put it into X-Forwarded-For; null without an edge.")
    scheme = _text("http or https: what you used, as the edge tells it in X-Forwarded-Proto.")
    host = _text("Name and port that links in answers are made with.")
    protocol = _text("HTTP version between the edge and the app; the edge translates.")
    request_id = _text("Id under which both logs have this request: header X-Request-ID of this answer.")
    served_by = _text("Name of the server that answered: ask again, and it may be another.")


class UserSerializer(serializers.Serializer[Any]):
    """Whom the token or the session belongs to. Null for the anonymous."""

    username = _text("Name of the user.")
    role = _text("What the user may do: instructors, agents, students or none.")


class HeadersSerializer(serializers.Serializer[Any]):
    """The request's headers when they reached the app."""

    client = serializers.DictField(
        child=serializers.CharField(), help_text="Those that you sent. Secrets in them are not repeated."
    )
    edge = serializers.DictField(
        child=serializers.CharField(),
        help_text="Those that the edge set; under these names nobody believes you.",
    )


class WhoamiSerializer(serializers.Serializer[Any]):
    """The layers from the outside in, and one sentence about each field."""

    edge = EdgeSerializer(allow_null=True)
    app = AppSerializer()
    headers = HeadersSerializer()
    user = UserSerializer(allow_null=True)
    explain = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="For each field above, by the same path, what it means.",
    )


class WhoamiView(APIView):
    """What each layer saw of you: addresses, ports, protocols, headers."""

    permission_classes = (AllowAny,)

    @extend_schema(summary="What each layer saw of the caller", responses=WhoamiSerializer)
    def get(self, request: Request) -> Response:
        """From the outside in: the edge (null if it was not asked), the app, the headers, the user."""
        response = Response(
            {
                "edge": _edge(request),
                "app": _app(request),
                "headers": _headers(request),
                "user": _user(request),
                "explain": EXPLAIN,
            }
        )
        patch_cache_control(response, no_store=True)
        return response


EXPLAIN = {
    layer: {name: str(field.help_text) for name, field in serializer.fields.items()}
    for layer, serializer in WhoamiSerializer().fields.items()
    if isinstance(serializer, serializers.Serializer)
}


def _edge(request: Request) -> dict[str, str | int | None] | None:
    """What Nginx wrote into its own headers; None if there is no proxy, for then a client wrote them."""
    if not _behind_edge(request):
        return None
    told = {name: request.headers.get(_PREFIX + name.replace("_", "-")) for name in EXPLAIN["edge"]}
    numbers = {
        name for name, field in EdgeSerializer().fields.items() if isinstance(field, serializers.IntegerField)
    }
    return {name: count(value) if name in numbers else value for name, value in told.items()}


def _behind_edge(request: Request) -> bool:
    return bool(settings.NUM_PROXIES) and f"{_PREFIX}Protocol" in request.headers


def _app(request: Request) -> dict[str, str | int | None]:
    return {
        "peer_address": request.META.get("REMOTE_ADDR"),
        "peer_port": count(request.META.get("REMOTE_PORT")),  # Gunicorn tells it, Django's runserver does not
        "forwarded_client": forwarded_client(request),
        "scheme": request.scheme,
        "host": request.get_host(),
        "protocol": request.META.get("SERVER_PROTOCOL"),
        "request_id": request_id.get(),
        "served_by": HOSTNAME,
    }


def _headers(request: Request) -> dict[str, dict[str, str]]:
    own = _FROM_EDGE if _behind_edge(request) else ()
    shown = {name: _shown(name, value) for name, value in request.headers.items()}
    return {
        "client": {name: value for name, value in shown.items() if not name.startswith(own)},
        "edge": {name: value for name, value in shown.items() if name.startswith(own)},
    }


def _shown(name: str, value: str) -> str:
    """A header's value; of credentials the kind alone, of cookies the names: screens are shared in class."""
    if name in ("Authorization", "Proxy-Authorization"):
        return f"{value.partition(' ')[0]} …" if " " in value else "…"
    if name == "Cookie":
        return "; ".join(f"{cookie.partition('=')[0].strip()}=…" for cookie in value.split(";") if cookie)
    return "…" if name == "X-Csrftoken" else value


def _user(request: Request) -> dict[str, str] | None:
    if not request.user.is_authenticated:
        return None
    return {"username": request.user.get_username(), "role": role_of(request.user).value}
