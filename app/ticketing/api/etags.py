"""Versions as HTTP knows them: an ETag on what is read, If-Match on what is changed (RFC 9110)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from django.utils.http import parse_etags

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG = re.compile(r'"(\d{1,19})-(\d{1,17})(?:-[0-9a-z]+)?"')


def tag(ticket_id: int, updated_at: datetime, variant: str = "") -> str:
    """The strong ETag of a ticket's representation; `variant` (a-z, 0-9) tells those of one version apart."""
    microseconds = (updated_at - _EPOCH) // timedelta(microseconds=1)
    return f'"{ticket_id}-{microseconds}{"-" if variant else ""}{variant}"'


def of_body(body: bytes) -> str:
    """The strong ETag of a representation that has no version of its own."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def version(header: str, ticket_id: int) -> datetime | None:
    """The `updated_at` that an If-Match of one ETag speaks of; None if it is not one of this ticket's."""
    match = _TAG.fullmatch(header.strip())
    if match is None or int(match[1]) != ticket_id:
        return None
    return _EPOCH + timedelta(microseconds=int(match[2]))


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the client already has the representation with this ETag.

    The comparison is the weak one: a proxy that compresses an answer makes W/"…" of its ETag.
    """
    if if_none_match is None:
        return False
    known = parse_etags(if_none_match)
    return "*" in known or etag in (each.removeprefix("W/") for each in known)
