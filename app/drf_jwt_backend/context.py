"""The id of the request that is being served, for whoever writes it down: the log, the audit trail."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
