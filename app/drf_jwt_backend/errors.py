"""One JSON shape for every error of the API.

    {"error": {"status": 404, "code": "not_found", "message": "…", "fields": {}}}

`fields` names what is wrong with which field of the request, and is empty for errors of the whole request.
"""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_exception_handler

from drf_jwt_backend.outages import Outage, outage


def error_body(status: int, code: str, message: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of an error response."""
    return {"error": {"status": status, "code": code, "message": message, "fields": fields or {}}}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's handler, with its several shapes made one; status and headers stay."""
    exc = outage(exc) or exc
    response = default_exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
        response.data = error_body(response.status_code, "invalid", "Some fields are wrong.", fields)
        return response
    message = response.data.get("detail", response.data) if isinstance(response.data, dict) else response.data
    code = _code(exc, message)
    response.data = error_body(response.status_code, code, str(message))
    return response


def _code(exc: Exception, message: object) -> str:
    """The most telling code at hand: the message's own (DRF keeps one on it), else the exception's."""
    fallback = exc.default_code if isinstance(exc, APIException) else "not_allowed"
    return str(getattr(message, "code", fallback))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for what Django itself refuses (a form of thousands of fields): JSON below /api/, else its page."""
    if request.path.startswith("/api/"):
        body = error_body(400, "bad_request", "The server cannot read this request.")
        return JsonResponse(body, status=400)
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: JSON below /api/, Django's page elsewhere."""
    if request.path.startswith("/api/"):
        body = error_body(404, "not_found", "There is nothing at this address; /api/ lists what there is.")
        return JsonResponse(body, status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 and 507 for an outage: JSON below /api/, Django's page or a line of text elsewhere.

    The log has the cause under the X-Request-ID.
    """
    if found := outage(sys.exc_info()[1]):  # Django calls this from where it has caught the exception
        return _out_of_order(request, found)
    if request.path.startswith("/api/"):
        body = error_body(
            500, "server_error", "The server failed; its log has the cause under this X-Request-ID."
        )
        return JsonResponse(body, status=500)
    return defaults.server_error(request)


def _out_of_order(request: HttpRequest, found: Outage) -> HttpResponse:
    status, text = found.status_code, str(found.detail)
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse(error_body(status, found.default_code, text), status=status)
    else:
        response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(found.wait)
    return response
