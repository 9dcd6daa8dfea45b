"""What an answer leaves unread of its request's body is read before the answer goes out."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

PIECE = 65536  # bytes


class LeftoversMiddleware:
    """Reads each body to its end, as one must who answers early, for instance with 401.

    Otherwise Gunicorn gives up a large body after a while and resets the connection, on which the proxy is
    still sending: it then reports 502 and takes the replica to be down, which a stranger could bring about
    with a few uploads. The proxy bounds each body's size and collects it before sending it on, so this takes
    milliseconds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        try:
            while request.read(PIECE):
                pass
        except UnreadablePostError:
            pass  # the sender has gone, and nobody waits for the answer
        return response
