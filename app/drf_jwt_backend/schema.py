"""What every operation of the OpenAPI schema shares: the errors in their one shape, and the request's id.

Which errors an operation can have follows from what it takes: a body can be malformed, an id unknown, an
If-Match out of date. Views describe only what is their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Operation = dict[str, Any]

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "code", "message", "fields"],
            "properties": {
                "status": {"type": "integer"},
                "code": {"type": "string", "description": "For programs"},
                "message": {"type": "string", "description": "For people: one sentence"},
                "fields": {
                    "type": "object",
                    "additionalProperties": {},
                    "description": "What is wrong with which field; empty for errors of the whole request",
                },
            },
        }
    },
}
REQUEST_ID = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
HEADERS = {
    "X-Request-ID": {
        "description": "The request's id, in every log on its way.",
        "schema": {"type": "string", "example": "b10178137615e3ab882d80fe69e51ca7"},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "example": 40}},
}


@dataclass(frozen=True, slots=True)
class Request:
    """An operation, as far as its errors follow from it."""

    path: str
    method: str
    operation: Operation

    def takes(self, parameter: str, place: str) -> bool:
        """Whether it has the parameter, in `query`, `header` or `path`."""
        given = self.operation.get("parameters", [])
        return any(one["name"] == parameter and one["in"] == place for one in given)

    @property
    def has_query(self) -> bool:
        """Whether anything in the query can be wrong."""
        return any(one["in"] == "query" for one in self.operation.get("parameters", []))

    @property
    def writes(self) -> bool:
        """Whether it changes tickets or departments."""
        return self.method != "get" and not self.path.startswith("/api/token/")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error: its status, what it means, an example, and which operations can have it."""

    status: int
    code: str
    description: str
    message: str
    happens: Callable[[Request], bool]
    headers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name among the schema's components."""
        return "".join(part.capitalize() for part in self.code.split("_"))

    def response(self) -> dict[str, Any]:
        """The component."""
        error = {"status": self.status, "code": self.code, "message": self.message, "fields": {}}
        content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": {"error": error}}
        names = ("X-Request-ID", *self.headers)
        return {
            "description": self.description,
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
            "content": {"application/json": content},
        }


def _has_body(request: Request) -> bool:
    return "requestBody" in request.operation


def _can_miss(request: Request) -> bool:
    return "{" in request.path or request.takes("page", "query")


FAILURES = (
    Failure(400, "invalid", "A field, the query or the body is wrong.", "Some fields are wrong.",
            lambda request: _has_body(request) or request.has_query),
    Failure(401, "not_authenticated", "No token where one is needed, or not a valid one.",
            "Authentication credentials were not provided.", lambda _: True),
    Failure(403, "permission_denied", "The caller's role does not allow it.",
            "Only agents and instructors may change status.",
            lambda request: not request.path.startswith("/api/token/")),
    Failure(404, "not_found", "It is not there, or not for the caller to see.", "Not found.", _can_miss),
    Failure(406, "not_acceptable", "Nothing that Accept names can be had.",
            "Could not satisfy the request Accept header.", lambda _: True),
    Failure(409, "conflict", "It does not go with the state that things are in, such as an illegal change of "
            "a ticket's status (code illegal_transition).",
            "A ticket that is resolved cannot become open; it can become closed, in_progress.",
            lambda request: request.writes),
    Failure(412, "precondition_failed", "If-Match names another version.",
            "The ticket is no longer the version that If-Match names; read it again, then send your change.",
            lambda request: request.takes("If-Match", "header")),
    Failure(413, "too_large", "The body is too large.", "The body is too large.", _has_body),
    Failure(415, "unsupported_media_type", "The body's media type is none that the API reads.",
            'Unsupported media type "text/csv" in request.', _has_body),
    Failure(422, "idempotency_key_reused", "The Idempotency-Key came before, with another body.",
            "This Idempotency-Key was sent with another body before; make up a new one for each ticket.",
            lambda request: request.takes("Idempotency-Key", "header")),
    Failure(429, "throttled", "Too many requests from this address.",
            "Request was throttled. Expected available in 40 seconds.", lambda _: True, ("Retry-After",)),
    Failure(503, "database_away", "The database does not answer, or is locked for too long; for a picture "
            "also (code busy) that others are being worked on.",
            "The database does not answer, or not in time; try again in a few seconds.",
            lambda _: True, ("Retry-After",)),
    Failure(507, "out_of_space", "The server's disk is full. Nothing was changed; reading goes on.",
            "The server's disk is full: nothing was changed; reading goes on. Try again later.",
            lambda request: request.writes, ("Retry-After",)),
)  # fmt: skip


def add_errors(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Complete the schema: drf-spectacular's hook after it has looked at all views."""
    components = result["components"]
    components["schemas"]["Error"] = ERROR
    components["headers"] = HEADERS
    components["responses"] = {failure.name: failure.response() for failure in FAILURES}
    for path, item in result["paths"].items():
        for method, operation in item.items():
            _complete(Request(path, method, operation))
    return result


def _complete(request: Request) -> None:
    responses = request.operation["responses"]
    for response in responses.values():
        response.setdefault("headers", {}).update(REQUEST_ID)
    if request.takes("If-None-Match", "header"):
        responses.setdefault(
            "304", {"description": "What the client has is still right.", "headers": REQUEST_ID}
        )
    for failure in FAILURES:
        if failure.happens(request):
            responses.setdefault(str(failure.status), {"$ref": f"#/components/responses/{failure.name}"})
    request.operation["responses"] = dict(sorted(responses.items()))
