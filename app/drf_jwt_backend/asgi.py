"""The ASGI application of the live feed, and of nothing else: Gunicorn serves the API (wsgi.py)."""

from __future__ import annotations

import django

from drf_jwt_backend.environment import settings_or_exit

settings_or_exit()
django.setup()

from ticketing.live.application import LiveApplication  # noqa: E402 - it needs the settings

application = LiveApplication()
