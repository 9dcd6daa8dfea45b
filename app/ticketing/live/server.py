"""Uvicorn, configured for the feed.

From the environment: BIND (address:port), as for Gunicorn.
"""

from __future__ import annotations

import re
import socket

import uvicorn
from environs import validate

from drf_jwt_backend.environment import env, read
from ticketing.live.application import LiveApplication

# Seconds that clients get to read why their stream ends when the server stops, and then to close.
GRACE = 2


class LiveServer(uvicorn.Server):
    """A server that ends its streams when it is told to stop; Uvicorn would wait for their clients to go."""

    def __init__(self, application: LiveApplication) -> None:
        host, port = _address()
        super().__init__(
            uvicorn.Config(
                application,
                host=host,
                port=port,
                lifespan="off",
                http="h11",
                ws="websockets-sansio",
                ws_max_size=1024,
                ws_ping_interval=15,
                ws_ping_timeout=15,
                # Deflating each event for each client would cost more than it saves.
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=GRACE,
                log_config=None,  # Django's settings say how
                log_level="warning",  # lines of lower levels quote URLs, tickets and all
                access_log=False,
                proxy_headers=False,
                server_header=False,
            )
        )
        self.hub = application.hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let every client know that the stream ends, then stop as Uvicorn does."""
        await self.hub.stop(GRACE)
        await super().shutdown(sockets)


def _address() -> tuple[str, int]:
    bind = read(
        env.str,
        "BIND",
        default="0.0.0.0:8000",
        validate=validate.Regexp(re.compile(r"[0-9a-z.-]+:[0-9]{1,5}\Z")),
        mend="write an address and a port, such as 127.0.0.1:8000.",
    )
    host, _colon, port = bind.rpartition(":")
    return host, int(port)
