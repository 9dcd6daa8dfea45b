"""If-Match: change a ticket only as long as it is the version that the client has read (RFC 9110, 13.1.1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rest_framework.request import Request

from ticketing.api import etags


def known_versions(request: Request, ticket_id: int) -> Collection[datetime] | None:
    """The values of `updated_at` that the request's If-Match allows; None if any will do.

    What is no ETag of this ticket is no version of it, and so the answer may be empty: nothing will do.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    versions = (etags.version(_strong(one), ticket_id) for one in header.split(","))
    return frozenset(version for version in versions if version is not None)


def _strong(tag: str) -> str:
    """The ETag as we gave it: a proxy that compresses an answer marks its ETag as weak.

    Ours names a version of the ticket, not the bytes of an answer, so nothing is lost by taking it.
    """
    return tag.strip().removeprefix("W/")
