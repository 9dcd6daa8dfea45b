"""Serve the live feed until SIGINT or SIGTERM: `python -m ticketing.live`."""

from __future__ import annotations

import sys
from contextlib import suppress

from drf_jwt_backend.asgi import application
from drf_jwt_backend.environment import SettingError
from ticketing.live.server import LiveServer


def main() -> None:
    """Serve; a wrong setting ends in its sentence."""
    try:
        server = LiveServer(application)
    except SettingError as error:
        sys.exit(str(error))
    with suppress(KeyboardInterrupt):  # Uvicorn repeats the signal when all is done
        server.run()


main()
