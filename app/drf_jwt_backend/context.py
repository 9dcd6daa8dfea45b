"""The id of the request that is being served, for whoever writes it down: the log, the audit trail."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

# What the proxy may hand us; anything else (spaces, line breaks, quotes) could forge log lines.
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def sound_id(offered: str) -> str:
    """The id that the proxy offers, or a new one if that could not stand in a log."""
    return offered if _ACCEPTABLE_ID.fullmatch(offered) else uuid.uuid4().hex
