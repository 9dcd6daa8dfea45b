"""Which representation a client gets."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

# What nearly every client of an API sends; browsers list more.
_ANYTHING = frozenset({"*/*", "application/json"})


class Negotiation(DefaultContentNegotiation):
    """Django REST framework's, without its parsing for those who take anything, or ask for JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type."""
        first = next(iter(renderers))
        plain = format_suffix is None and "format" not in request.query_params
        if plain and first.format == "json" and request.META.get("HTTP_ACCEPT", "*/*") in _ANYTHING:
            return first, "application/json"
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen
