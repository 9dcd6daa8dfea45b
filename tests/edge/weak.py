"""The application with holes, for the audit to find: served by Gunicorn in place of the real one."""

from __future__ import annotations

from datetime import timedelta

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"] = timedelta(days=30)
django.setup()

from drf_jwt_backend import paging  # noqa: E402
from ticketing import permissions  # noqa: E402
from ticketing.models import Comment, Ticket  # noqa: E402
from ticketing.services import scope  # noqa: E402

# Before the views take these names from their modules.
scope.visible_tickets = lambda caller: Ticket.objects.all() if caller.pk else Ticket.objects.none()
scope.visible_comments = lambda caller, ticket_id: Comment.objects.filter(ticket=ticket_id)  # noqa: ARG005
permissions.DepartmentPermission.has_permission = lambda *_: True  # type: ignore[method-assign]
permissions.OWNERS_FIELDS |= {"status", "assignee"}
paging.Pages.max_page_size = 1_000_000
application = get_wsgi_application()
