"""Checks of single values from a file: each returns the value to store or raises `FieldError`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_datetime

from ticketing.models import Ticket

LARGEST_ID = 2**63 - 1


class FieldError(Exception):
    """Why a value cannot be accepted; completes the sentence that begins with the field's name."""


def key(value: object) -> int:
    """A primary key: a whole number from 1."""
    # bool is a subclass of int, and `true` is not a key.
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_ID:
        raise FieldError("must be a whole number from 1")
    return value


def key_or_none(value: object) -> int | None:
    """A primary key or null."""
    return None if value is None else key(value)


def text(value: object, longest: int | None = None) -> str:
    """A text with something in it, of at most `longest` characters, that a database can store."""
    if not isinstance(value, str) or not value.strip():
        raise FieldError("must be a text that is not empty")
    if longest is not None and len(value) > longest:
        raise FieldError(f"must have at most {longest} characters (it has {len(value)})")
    # PostgreSQL cannot store NUL, and half a surrogate pair cannot be written as UTF-8.
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise FieldError("has a character that cannot be stored")
    return value


def text_255(value: object) -> str:
    """A text of at most 255 characters."""
    return text(value, 255)


def phone(value: object) -> str:
    """A telephone number as written, of at most 20 characters."""
    return text(value, 20)


def email(value: object) -> str:
    """An e-mail address."""
    address = text(value, 254)
    try:
        validate_email(address)
    except ValidationError as error:
        raise FieldError("must be an e-mail address") from error
    return address


def priority(value: object) -> int:
    """1 Low, 2 Medium or 3 High."""
    if not isinstance(value, int) or isinstance(value, bool) or value not in Ticket.Priority.values:
        raise FieldError("must be 1 (Low), 2 (Medium) or 3 (High)")
    return value


def moment(value: object) -> datetime:
    """A date and time in ISO 8601, in UTC; one without an offset counts as UTC."""
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
        if parsed is None:
            raise FieldError("must be a date and time such as 2025-01-31T09:30:00Z")
        return parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldError("must be a date and time that exists") from error


def image(value: object) -> str:
    """Null, nothing, or the path of a picture below MEDIA_ROOT; it may not lead out of there."""
    if value is None or value == "":
        return ""
    path = PurePosixPath(text(value, 100))
    if path.is_absolute() or ".." in path.parts:
        raise FieldError("must be a path below the media directory")
    return str(path)
