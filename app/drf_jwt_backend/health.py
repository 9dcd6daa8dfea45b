"""Is the process alive, and can it serve? Two questions, for load balancers and container engines."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from drf_jwt_backend.errors import error_body
from drf_jwt_backend.outages import DatabaseAway
from drf_jwt_backend.readiness import database_problem


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django passes it
    """200 as long as the process answers; asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """200 when the database answers and every migration is applied, else 503 that names what is missing."""
    problem = database_problem()
    if problem is None:
        return JsonResponse({"status": "ok"})
    name, message = problem
    body = error_body(503, "not_ready", message, {name: [message]})
    return JsonResponse(body, status=503, headers={"Retry-After": str(DatabaseAway.wait)})
