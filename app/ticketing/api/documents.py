"""What the OpenAPI schema says of writing, beyond what it finds out by itself.

The errors that every operation shares (401, 404, …) are added by `drf_jwt_backend.schema`.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)

from ticketing.serializers import (
    CommentSerializer,
    EventSerializer,
    TicketChangeSerializer,
    TicketSerializer,
)

FILED = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "phone": "8005550100",
    "issue": "No link on the uplink of rack 4",
    "priority": 3,
    "department": 3,
    "device": "core-sw1",
    "interface": "Gi1/0/24",
}
TICKET = FILED | {
    "id": 1301,
    "status": "open",
    "image": None,
    "created_at": "2025-02-20T09:30:00.123456Z",
    "updated_at": "2025-02-20T09:30:00.123456Z",
    "user": 4,
    "assignee": None,
    "source": "",
    "external_id": "",
}
REPORT = FILED | {"name": "Monitor", "source": "icinga", "external_id": "core-sw1!Gi1/0/24"}
COMMENT = {"text": "A new cable is in.", "internal": False}
SAID = {"id": 7, "author": 2, "author_name": "agent1", **COMMENT, "created_at": "2025-02-20T10:00:00Z"}
HAPPENED = {
    "id": 42,
    "at": "2025-02-20T09:45:00Z",
    "action": "changed",
    "actor": 2,
    "actor_name": "agent1",
    "changes": {"status": ["open", "in_progress"]},
    "internal": False,
    "request_id": "b10178137615e3ab882d80fe69e51ca7",
}

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    pattern="^[!-~]{1,255}$",
    description="Made up by the client for each ticket; the same again within 24 hours files nothing twice.",
)
TICKET_ID = OpenApiParameter("ticket_id", OpenApiTypes.INT64, OpenApiParameter.PATH)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the version that was read: refuse (412) if the ticket has changed since.",
)
# With an account or without; what an invalid token gets is 401 all the same.
# (Any, since drf-spectacular says that it wants names, but writes what it gets into the schema.)
ANYONE: Any = [{"jwtAuth": []}, {"cookieAuth": []}, {}]
PLACE = OpenApiParameter("Location", OpenApiTypes.URI_REF, OpenApiParameter.HEADER, response=[201])
REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    enum=["true"],
    description="This is the first answer, once more.",
)
VERSION = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The ticket's version, for If-Match.",
)


def _example(name: str, value: object, *, request: bool = False) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=request, response_only=not request)


def _ticket(description: str) -> OpenApiResponse:
    return OpenApiResponse(TicketSerializer, description, [_example("Ticket", TICKET)])


create = extend_schema(
    auth=ANYONE,
    parameters=[KEY, PLACE, REPLAYED, VERSION],
    responses={
        201: _ticket("The new ticket."),
        200: _ticket("A monitor's report about an outage that it reported before: that ticket, updated."),
    },
    examples=[_example("By a person", FILED, request=True), _example("By a monitor", REPORT, request=True)],
)
update = extend_schema(
    parameters=[IF_MATCH, VERSION],
    request=TicketChangeSerializer,
    responses={200: _ticket("The ticket as it is now.")},
    examples=[_example("Everything", FILED | {"status": "open", "assignee": None}, request=True)],
)
partial_update = extend_schema(
    parameters=[IF_MATCH, VERSION],
    request=TicketChangeSerializer,
    responses={200: _ticket("The ticket as it is now.")},
    examples=[_example("Take it on", {"status": "in_progress", "assignee": 2}, request=True)],
)
destroy = extend_schema(parameters=[IF_MATCH])
comments = extend_schema(
    operation_id="tickets_comments_list",
    parameters=[TICKET_ID],
    responses=CommentSerializer(many=True),
    examples=[_example("Comment", SAID)],
)
comment = extend_schema(
    operation_id="tickets_comments_create",
    parameters=[TICKET_ID],
    request=OpenApiRequest(CommentSerializer, examples=[_example("Comment", COMMENT, request=True)]),
    responses={201: OpenApiResponse(CommentSerializer, "What was said.", [_example("Comment", SAID)])},
)


def add_selection(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Say what `?fields=` does to the answers of reading: drf-spectacular's hook at the end."""
    schemas = result["components"]["schemas"]
    described = "As much of a ticket as `fields` asks for; without it, all of it."
    whole = {name: value for name, value in schemas["Ticket"].items() if name != "required"}
    schemas["TicketSelection"] = whole | {"description": described}
    selection = {"$ref": "#/components/schemas/TicketSelection"}
    schemas["PaginatedTicketList"]["properties"]["results"]["items"] = selection
    found = result["paths"]["/api/tickets/{id}/"]["get"]["responses"]["200"]
    found["content"]["application/json"]["schema"] = selection
    return result


for_anyone = extend_schema(auth=ANYONE)
events = extend_schema(
    operation_id="tickets_events_list",
    parameters=[TICKET_ID],
    responses=EventSerializer(many=True),
    examples=[_example("Event", HAPPENED)],
)
