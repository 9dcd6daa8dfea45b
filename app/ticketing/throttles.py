"""How often something may be asked for."""

from __future__ import annotations

from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView


class FileTicketThrottle(AnonRateThrottle):
    """Holds each anonymous address to the rate of setting THROTTLE_FILE_TICKET, over all workers together.

    The count is read, then written: requests at the very same moment can get a little past the limit.
    """

    scope = "file_ticket"
    cache = ConnectionProxy(caches, "throttle")  # type: ignore[assignment]  # forwards everything

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Counts only the filing of tickets: everything else is refused to the anonymous anyway."""
        return request.method != "POST" or super().allow_request(request, view)
