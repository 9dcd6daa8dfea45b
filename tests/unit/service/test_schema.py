from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    document: dict[str, Any] = yaml.safe_load(out.getvalue())
    return document


def test_the_schema_is_valid_and_lists_the_api(schema: dict[str, Any]) -> None:
    assert {
        "/api/tickets/",
        "/api/tickets/{id}/",
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
    for asset in loaded:
        assert asset.startswith("/")
        answer = Client().get(asset)
        assert answer.status_code == 200, asset
        answer.close()  # WhiteNoise has opened a file
