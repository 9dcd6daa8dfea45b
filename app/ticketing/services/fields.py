"""Checks of single values from a file: each returns the value to store or raises `FieldError`.

A file of a million tickets is sixteen million calls, so each check first tries what nearly every value is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_datetime

from ticketing.models import Ticket

# The largest that every reader of JSON keeps exactly. The next ticket's id is one more than the largest, so a
# column full to the brim would leave no room for it.
LARGEST_ID = 2**53 - 1
LONGEST_TEXT = 10_000_000  # characters; SQLite takes no more than a billion bytes, a request far less
PRIORITIES = frozenset(Ticket.Priority.values)
STATUSES = frozenset(Ticket.Status.values)

# PostgreSQL cannot store NUL, and half a surrogate pair cannot be written as UTF-8.
_not_storable = re.compile("[\0\ud800-\udfff]").search
# What Django accepts, and a part of it that one expression without a branch can tell.
PLAIN_ADDRESS = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)


class FieldError(Exception):
    """Why a value cannot be accepted; completes the sentence that begins with the field's name."""


def key(value: object) -> int:
    """A primary key: a whole number from 1 to `LARGEST_ID`."""
    # bool is a subclass of int, and `true` is not a key.
    if type(value) is not int or not 1 <= value <= LARGEST_ID:
        raise FieldError(f"must be a whole number from 1 to {LARGEST_ID}")
    return value


def key_or_none(value: object) -> int | None:
    """A primary key or null."""
    return None if value is None else key(value)


def keys(value: object) -> tuple[int, ...]:
    """A list of primary keys, in ascending order and each once."""
    if not isinstance(value, list):
        raise FieldError("must be a list of whole numbers from 1")
    return tuple(sorted({key(element) for element in value}))


def text_up_to(longest: int) -> Callable[[object], str]:
    """The check of a text that can be stored, with something in it and at most `longest` characters."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise FieldError("must be a text that is not empty")
        if len(value) > longest or _not_storable(value):
            raise _unfit(value, longest)
        return value

    return check


def any_text_up_to(longest: int) -> Callable[[object], str]:
    """The check of a text that can be stored, empty or of at most `longest` characters."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise FieldError("must be a text")
        if len(value) > longest or _not_storable(value):
            raise _unfit(value, longest)
        return value

    return check


text = text_up_to(LONGEST_TEXT)
_address = text_up_to(254)
_path = text_up_to(100)


def email(value: object) -> str:
    """An e-mail address."""
    address = _address(value)
    if not PLAIN_ADDRESS.fullmatch(address):
        try:
            validate_email(address)
        except ValidationError as error:
            raise FieldError("must be an e-mail address") from error
    return address


def priority(value: object) -> int:
    """1 Low, 2 Medium or 3 High."""
    if type(value) is not int or value not in PRIORITIES:
        raise FieldError("must be 1 (Low), 2 (Medium) or 3 (High)")
    return value


def status(value: object) -> str:
    """How far the work is."""
    if not isinstance(value, str) or value not in STATUSES:
        raise FieldError(f"must be one of {', '.join(Ticket.Status.values)}")
    return value


def moment(value: object) -> datetime:
    """A date and time in ISO 8601, in UTC; one without an offset counts as UTC."""
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
        if parsed is None:
            raise FieldError("must be a date and time such as 2025-01-31T09:30:00Z")
        return parsed if parsed.tzinfo is UTC else parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldError("must be a date and time that exists") from error


def image(value: object) -> str:
    """Null, nothing, or the path of a picture below MEDIA_ROOT; it may not lead out of there."""
    if value is None or value == "":
        return ""
    path = PurePosixPath(_path(value))
    if path.is_absolute() or ".." in path.parts:
        raise FieldError("must be a path below the media directory")
    return str(path)


def _unfit(value: str, longest: int) -> FieldError:
    if len(value) > longest:
        return FieldError(f"must have at most {longest} characters (it has {len(value)})")
    return FieldError("has a character that cannot be stored")
