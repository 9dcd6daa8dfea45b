"""Log lines as JSON objects, one a line: whatever a client sends, it cannot end its line and begin another.

docs/log-fields.md says what each field means.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from drf_jwt_backend.context import request_id

# ASCII, so that no reader takes U+2028 or U+0085 for the end of a line; and so fit for any text at all. Made
# once: json.dumps with an option of its own would make an encoder for each line.
_encode = json.JSONEncoder(default=str).encode


class JsonFormatter(logging.Formatter):
    """A record as one JSON object. `extra={"fields": {…}}` adds fields of its own, in place of a message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end; what JSON has no word for is written as `str` has it."""
        line: dict[str, Any] = {
            "time": moment(record.created),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id.get(),
        }
        fields = vars(record).get("fields")
        line |= {"message": record.getMessage()} if fields is None else fields
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return _encode(line)


def moment(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, to the millisecond."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def logging_to_stdout(level: str) -> dict[str, Any]:
    """The configuration of `logging` for which every line of every logger is such an object."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}
        },
        "root": {"handlers": ["stdout"], "level": level},
        # Django's own handlers and Gunicorn's print in other formats; their records reach the root instead.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # A refused request has its line from DiagnosticsMiddleware already.
            "django.request": {"level": "ERROR"},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }
