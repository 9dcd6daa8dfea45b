from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from lab import paths
from ticketing import serializers
from ticketing.api import documents, rows
from ticketing.models import Department


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    document: dict[str, Any] = yaml.safe_load(out.getvalue())
    return document


def test_the_committed_schema_is_that_of_the_code(schema: dict[str, Any]) -> None:
    committed = yaml.safe_load((paths.ROOT / "docs/openapi.yaml").read_text())
    assert committed == schema, "docs/openapi.yaml has drifted from the code; write it anew with: make schema"


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def resolved(schema: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["responses"][name] if name else response
    return found


def test_every_error_has_the_one_shape_and_every_answer_its_request_id(schema: dict[str, Any]) -> None:
    for method, path, operation in operations(schema):
        for status, response in operation["responses"].items():
            answer = resolved(schema, response)
            assert "X-Request-ID" in answer["headers"], (method, path, status)
            if status >= "400":
                content = answer["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}
                assert content["example"]["error"]["status"] == int(status)
    assert "Retry-After" in schema["components"]["responses"]["Throttled"]["headers"]


def test_errors_are_those_that_an_operation_can_have(schema: dict[str, Any]) -> None:
    def statuses(method: str, path: str) -> set[int]:
        return {int(status) for status in schema["paths"][path][method]["responses"]}

    assert statuses("post", "/api/tickets/") >= {200, 201, 400, 401, 403, 409, 415, 422, 429}
    assert not statuses("post", "/api/tickets/") & {404, 412}
    for method in ("put", "patch", "delete"):
        assert statuses(method, "/api/tickets/{id}/") >= {401, 403, 404, 409, 412, 429}
    assert not statuses("get", "/api/tickets/{id}/") & {409, 412, 415, 422}
    assert statuses("post", "/api/token/") >= {200, 400, 401}
    assert not statuses("post", "/api/token/") & {403, 404, 409}


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("TicketSerializer", documents.FILED),
        ("TicketSerializer", documents.REPORT),
        ("CommentSerializer", documents.COMMENT),
    ],
)
@pytest.mark.django_db
def test_the_examples_are_taken(name: str, example: dict[str, Any]) -> None:
    Department.objects.create(pk=3, name="Network Operations")  # the one that the examples name
    serializer = getattr(serializers, name)(data=example)
    assert serializer.is_valid(), serializer.errors


def test_the_examples_of_answers_are_whole(schema: dict[str, Any]) -> None:
    models = schema["components"]["schemas"]
    for model, example in (
        ("Ticket", documents.TICKET),
        ("Comment", documents.SAID),
        ("Event", documents.HAPPENED),
    ):
        assert set(models[model]["properties"]) == set(example)
    assert set(models["Ticket"]["properties"]) == set(rows.COLUMNS)


def test_the_schema_is_valid_and_lists_the_api(schema: dict[str, Any]) -> None:
    assert {
        "/api/tickets/",
        "/api/tickets/{id}/",
        "/api/tickets/{ticket_id}/comments/",
        "/api/tickets/{ticket_id}/events/",
        "/api/departments/",
        "/api/departments/{id}/",
        "/api/token/",
        "/api/token/refresh/",
    } <= schema["paths"].keys()
    listing = {parameter["name"] for parameter in schema["paths"]["/api/tickets/"]["get"]["parameters"]}
    assert listing >= {"priority", "department", "created_after", "created_before", "search", "ordering"}
    assert listing >= {"page", "page_size"}


@pytest.mark.parametrize("field", ["id", "image", "created_at", "updated_at", "user", "assignee"])
def test_what_the_server_sets_cannot_be_sent(field: str, schema: dict[str, Any]) -> None:
    models = schema["components"]["schemas"]
    assert field in models["Ticket"]["properties"]
    assert field not in models["TicketRequest"]["properties"]


def test_anyone_may_read_the_schema() -> None:
    assert Client().get("/api/schema/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/docs/", "/admin/login/", "/api/auth/login/", "/api/"])
def test_pages_need_nothing_from_the_internet(address: str) -> None:
    page = Client().get(address, headers={"accept": "text/html"}).content.decode()
    loaded = re.findall(r"<(?:script|link|img)\b[^>]*\b(?:src|href)=[\"']([^\"']+)", page)
    assert loaded
    assert not re.findall(r"<script>|<script(?![^>]*(?:src=|application/json))[^>]*>| on[a-z]+=", page), (
        "Nginx forbids it"
    )
    for asset in loaded:
        assert asset.startswith("/")
        answer = Client().get(asset)
        assert answer.status_code == 200, asset
        answer.close()  # WhiteNoise has opened a file


@pytest.mark.parametrize("method", ["get", "options", "post"])
def test_the_page_of_the_api_is_there_with_a_token_that_is_none(method: str) -> None:
    client = APIClient(headers={"authorization": "Bearer nonsense"}, raise_request_exception=False)
    expected = 200 if method == "get" else 405
    assert getattr(client, method)("/api/docs/").status_code == expected
