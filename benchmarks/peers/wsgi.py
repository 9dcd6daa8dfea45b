"""What Gunicorn serves of a peer made with Django; DJANGO_SETTINGS_MODULE says of which."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()
# As the service does: Django would import the views at the first request, which would take a second.
get_resolver().url_patterns  # noqa: B018
