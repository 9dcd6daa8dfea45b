"""Checks of settings that are more than a type; each raises environs' `ValidationError`."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from environs import ValidationError

_RATE = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def rate(value: str) -> None:
    """Accept what Django REST framework's throttles understand: a count over a period."""
    if not _RATE.fullmatch(value):
        raise ValidationError("not a rate")


def log_level(value: str) -> None:
    """Accept the standard names of log levels."""
    if value not in _LOG_LEVELS:
        raise ValidationError(f"not one of {', '.join(_LOG_LEVELS)}")


def origins(values: list[str]) -> None:
    """Accept origins: scheme, host and, where it is not the scheme's own, port; nothing behind them."""
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or value != f"{parts.scheme}://{parts.netloc}":
            raise ValidationError("not an origin")


def addresses(values: list[str]) -> None:
    """Accept IP addresses, no names and no networks."""
    for value in values:
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise ValidationError("not an IP address") from None
