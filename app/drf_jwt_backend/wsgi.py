"""The WSGI application that Gunicorn serves."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from drf_jwt_backend.environment import settings_or_exit

settings_or_exit()
application = get_wsgi_application()
# Django imports the views at the first request. Do it now: that request would take a second, in each worker.
get_resolver().url_patterns  # noqa: B018
