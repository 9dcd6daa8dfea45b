from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from drf_jwt_backend import tokens
from tests.unit.service.callers import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_token_opens_the_api_and_can_be_refreshed(student: User) -> None:
    client = APIClient()
    login = {"username": student.username, "password": PASSWORD}
    tokens = client.post("/api/token/", login).json()
    renewed = client.post("/api/token/refresh/", {"refresh": tokens["refresh"]}).json()
    for access in (tokens["access"], renewed["access"]):
        answer = client.get("/api/tickets/", headers={"authorization": f"Bearer {access}"})
        assert answer.status_code == 200


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_gets_none(password: str, student: User) -> None:
    answer = APIClient().post("/api/token/", {"username": student.username, "password": password})
    assert answer.status_code in (400, 401)
    assert "access" not in answer.json()


def test_a_refresh_token_is_no_access_token(student: User) -> None:
    client = APIClient()
    login = {"username": student.username, "password": PASSWORD}
    refresh = client.post("/api/token/", login).json()["refresh"]
    answer = client.get("/api/tickets/", headers={"authorization": f"Bearer {refresh}"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_not_valid"


def test_a_disabled_account_loses_access_at_once(student: User) -> None:
    client = APIClient()
    access = client.post("/api/token/", {"username": student.username, "password": PASSWORD}).json()["access"]
    User.objects.update(is_active=False)
    assert client.get("/api/tickets/", headers={"authorization": f"Bearer {access}"}).status_code == 401


def test_a_token_that_was_good_is_refused_once_it_has_expired(
    student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"username": student.username, "password": PASSWORD}
    access = APIClient().post("/api/token/", login).json()["access"]
    client = APIClient(headers={"authorization": f"Bearer {access}"})
    assert client.get("/api/tickets/").status_code == 200  # from here on its signature is known

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # the real one will do
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(tokens, "datetime", Tomorrow)
    refused = client.get("/api/tickets/")
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "token_not_valid"


@pytest.mark.parametrize("header", ["Bearer none", "Bearer", "Basic eDp5"])
def test_pages_keep_their_sessions_whatever_header_comes_along(header: str, student: User) -> None:
    client = Client(headers={"authorization": header})
    client.force_login(student)
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/auth/login/").status_code == 200
    assert "sessionid" in client.cookies


def test_a_session_does_not_count_beside_a_bad_token(student: User) -> None:
    client = Client()
    client.force_login(student)
    assert client.get("/api/tickets/").status_code == 200
    assert client.get("/api/tickets/", headers={"authorization": "Bearer none"}).status_code == 401


def test_a_session_still_needs_the_form_s_token(student: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(student)
    for header in ("", "Bearer", "Basic eDp5"):
        refused = client.post("/api/tickets/", {}, headers={"authorization": header})
        assert refused.status_code in (401, 403)
        assert refused.json()["error"]["code"] in (
            "permission_denied",
            "not_authenticated",
            "authentication_failed",
        )
