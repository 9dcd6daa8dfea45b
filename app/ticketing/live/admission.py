"""Who may listen: the API's own authentication, or a ticket to the feed; the answers are the API's too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.signing import BadSignature
from django.db import connection
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    ParseError,
    PermissionDenied,
)
from rest_framework.request import Request
from rest_framework.views import APIView

from ticketing.live import passes
from ticketing.live.database import in_database_thread
from ticketing.live.exchange import Exchange
from ticketing.services.scope import Audience, audiences

# How long a stream may last whose caller has no token that says so (a browser's session), in seconds.
SESSION = 3600.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may listen: to what, and until when (seconds since 1970)."""

    audience: Audience
    until: float


def check_host(exchange: Exchange) -> None:
    """Refuse, as Django does, a Host that is not ours, and a page of somebody else's that opens a WebSocket.

    Browsers let any page open a WebSocket anywhere, but say from where (RFC 6455, 10.2). Other clients send
    no Origin.
    """
    if not _is_ours(exchange.headers.get("host", "")):
        raise ParseError("This host name is not the service's.", code="bad_host")
    origin = exchange.headers.get("origin")
    if exchange.websocket and origin is not None and not _is_ours(urlsplit(origin).netloc):
        raise PermissionDenied("Pages of another site may not open this WebSocket.", code="bad_origin")


def _is_ours(authority: str) -> bool:
    host, _port = split_domain_port(authority)
    return bool(host) and validate_host(host, settings.ALLOWED_HOSTS)


@in_database_thread
def admit(exchange: Exchange) -> Caller:
    """Who it is that asks. Raises `APIException`: 401 for nobody, 403 for somebody without a role."""
    with connection.execute_wrapper(exchange.stopwatch):
        ticket = exchange.query.get("ticket")
        user, until = _bearer(exchange) if ticket is None else _ticket_holder(ticket)
        audience = audiences([user]).get(user)
    if audience is None:
        raise PermissionDenied("Only people with a role in the helpdesk may listen to its tickets.")
    return Caller(audience, until)


def end_of(auth: object) -> float:
    """When what somebody logged in with expires, in seconds since 1970."""
    expires = auth.get("exp") if hasattr(auth, "get") else None
    return float(expires) if expires else time.time() + SESSION


def _bearer(exchange: Exchange) -> tuple[int, float]:
    http = HttpRequest()
    http.META["HTTP_AUTHORIZATION"] = exchange.headers.get("authorization", "")
    request = Request(http, authenticators=APIView().get_authenticators())
    try:
        user = request.user
    except AuthenticationFailed as error:
        _challenge(error)
    if not isinstance(user, User):
        _challenge(NotAuthenticated())
    return user.pk, end_of(request.auth)


def _ticket_holder(ticket: str) -> tuple[int, float]:
    try:
        user, until = passes.check(ticket)
    except BadSignature:
        until = 0.0
    if until <= time.time():
        sentence = f"The ticket is not valid; POST /api/live/ticket/ gives one, for {passes.SECONDS} s."
        _challenge(AuthenticationFailed(sentence, code="ticket_not_valid"))
    return user, until


def _challenge(error: APIException) -> NoReturn:
    error.auth_header = 'Bearer realm="api"'  # type: ignore[attr-defined]  # as DRF's views do
    raise error
