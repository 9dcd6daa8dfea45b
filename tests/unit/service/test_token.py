from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

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
