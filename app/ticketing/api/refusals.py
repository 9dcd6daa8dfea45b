"""What the desk refuses, in the words of HTTP: every endpoint of the API answers through this handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.response import Response

from drf_jwt_backend import errors
from ticketing.models import Ticket
from ticketing.services.desk import DepartmentInUse, Stale
from ticketing.services.workflow import IllegalTransition


class Conflict(APIException):
    """The request is in order, but not with the state that things are in."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class PreconditionFailed(APIException):
    """If-Match names another version than the one that is there."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = (
        "The ticket is no longer the version that If-Match names; read it again, then send your change."
    )


REFUSALS: Mapping[type[Exception], Callable[[Exception], APIException]] = {
    IllegalTransition: lambda refusal: Conflict(str(refusal), "illegal_transition"),
    DepartmentInUse: lambda _: Conflict(
        "The department has tickets; move them to another one first.", "department_in_use"
    ),
    Stale: lambda _: PreconditionFailed(),
    Ticket.DoesNotExist: lambda _: NotFound(),
    # All that one request can break was checked before, so two of them met: say, one filed a ticket while
    # the other deleted its department.
    IntegrityError: lambda _: Conflict(
        "Somebody else changed what this depends on at the same moment; look again, then send it again."
    ),
}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The project's handler, to which the desk's own exceptions come as HTTP's."""
    translate = next((REFUSALS[kind] for kind in type(exc).__mro__ if kind in REFUSALS), None)
    return errors.exception_handler(translate(exc) if translate else exc, context)
