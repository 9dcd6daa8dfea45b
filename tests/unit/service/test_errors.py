from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from tests.unit.service.callers import client_of
from ticketing.views import DepartmentViewSet

pytestmark = pytest.mark.django_db


def assert_error(response: Any, status: int, code: str) -> dict[str, Any]:  # noqa: ANN401
    assert response.status_code == status
    body: dict[str, Any] = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["status", "code", "message", "fields"]
    assert (body["error"]["status"], body["error"]["code"]) == (status, code)
    assert isinstance(body["error"]["message"], str)
    error: dict[str, Any] = body["error"]
    return error


def test_errors_have_one_shape(student: User, instructor: User) -> None:
    client = client_of(student)
    assert_error(APIClient().get("/api/tickets/"), 401, "not_authenticated")
    assert_error(client.post("/api/departments/", {"name": "X"}), 403, "permission_denied")
    assert_error(client.get("/api/tickets/12345/"), 404, "not_found")
    assert_error(client.get("/api/tickets/abc/"), 404, "not_found")
    assert_error(client.put("/api/tickets/", {}), 405, "method_not_allowed")
    assert_error(client.post("/api/tickets/", "x", content_type="text/csv"), 415, "unsupported_media_type")
    assert_error(client.post("/api/tickets/", "{", content_type="application/json"), 400, "parse_error")
    error = assert_error(client_of(instructor).post("/api/departments/", {}), 400, "invalid")
    assert error["fields"] == {"name": ["This field is required."]}
    error = assert_error(client.post("/api/tickets/", [1], format="json"), 400, "invalid")
    assert list(error["fields"]) == ["non_field_errors"]


def test_unknown_addresses() -> None:
    assert_error(Client().get("/api/nothing/"), 404, "not_found")
    elsewhere = Client().get("/nothing/")
    assert elsewhere.status_code == 404
    assert elsewhere.headers["Content-Type"].startswith("text/html")


def test_a_failure_of_the_server_tells_no_details(instructor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(DepartmentViewSet, "list", fail)
    client = client_of(instructor)
    client.raise_request_exception = False
    response = client.get("/api/departments/")
    assert_error(response, 500, "server_error")
    assert "secret cause" not in response.content.decode()
    assert response.headers["X-Request-ID"]
