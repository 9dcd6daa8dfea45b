from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from drf_jwt_backend.whoami import EXPLAIN
from tests.unit.service.callers import client_of

FORGED = {
    "x-edge-client-address": "203.0.113.7",
    "x-edge-protocol": "HTTP/9",
    "x-edge-connection": "7",
    "x-forwarded-for": "203.0.113.7",
}


def test_asked_directly_there_is_no_edge_and_nobody_is_believed() -> None:
    answer = Client().get("/api/whoami/", headers={**FORGED, "host": "localhost:8000"})
    said = answer.json()
    assert said["edge"] is None
    assert said["user"] is None
    assert said["app"]["peer_address"] == "127.0.0.1"
    assert said["app"]["forwarded_client"] is None
    assert (said["app"]["scheme"], said["app"]["host"]) == ("http", "localhost:8000")
    assert said["app"]["request_id"] == answer["X-Request-ID"]
    assert said["app"]["served_by"] == answer["X-Served-By"]
    assert said["headers"]["client"]["X-Edge-Protocol"] == "HTTP/9", "it is a header like any other"
    assert said["headers"]["edge"] == {}
    assert answer["Cache-Control"] == "no-store"


def test_behind_the_edge_its_words_are_shown_apart(settings: Settings) -> None:
    settings.NUM_PROXIES = 1
    said = Client().get("/api/whoami/", headers={**FORGED, "user-agent": "a test"}).json()
    assert said["edge"]["client_address"] == "203.0.113.7"
    assert said["edge"]["protocol"] == "HTTP/9"
    assert said["edge"]["connection"] == 7
    assert said["edge"]["tls_version"] is None
    assert said["app"]["forwarded_client"] == "203.0.113.7"
    assert said["headers"]["client"] == {"User-Agent": "a test", "Cookie": ""}
    assert set(said["headers"]["edge"]) >= {"X-Edge-Protocol", "X-Forwarded-For"}


@pytest.mark.parametrize("port", ["", "http", "-1", "9" * 5000])
def test_a_port_that_is_no_number_is_no_fault(settings: Settings, port: str) -> None:
    settings.NUM_PROXIES = 1
    answer = Client().get("/api/whoami/", headers={**FORGED, "x-edge-client-port": port})
    assert answer.json()["edge"]["client_port"] is None


def test_each_field_is_explained(settings: Settings) -> None:
    settings.NUM_PROXIES = 1
    said = Client().get("/api/whoami/", headers=FORGED).json()
    assert said["explain"] == EXPLAIN
    for layer in ("edge", "app", "headers"):
        assert said["explain"][layer].keys() == said[layer].keys()
        assert all(text.endswith(".") for text in said["explain"][layer].values())


@pytest.mark.parametrize(
    ("header", "sent", "shown"),
    [
        ("Cookie", "csrftoken=secret; theme=dark=secret", "csrftoken=…; theme=…"),
        ("Proxy-Authorization", "Basic c2VjcmV0OnNlY3JldA==", "Basic …"),
        ("Proxy-Authorization", "secret", "…"),
        ("X-Csrftoken", "secret", "…"),
    ],
)
def test_secrets_are_not_repeated(header: str, sent: str, shown: str) -> None:
    answer = Client().get("/api/whoami/", headers={header: sent})
    assert answer.json()["headers"]["client"][header] == shown
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_who_is_logged_in(student: User) -> None:
    assert client_of(student).get("/api/whoami/").json()["user"] == {
        "username": "student",
        "role": "students",
    }


@pytest.mark.django_db
def test_a_token_is_not_repeated_either(student: User) -> None:
    login = {"username": "student", "password": "correct-horse-battery"}
    token = Client().post("/api/token/", login, "application/json").json()["access"]
    answer = Client().get("/api/whoami/", headers={"authorization": f"Bearer {token}"})
    assert answer.json()["headers"]["client"]["Authorization"] == "Bearer …"
    assert token not in answer.content.decode()


def test_a_browser_gets_a_page() -> None:
    page = Client().get("/api/whoami/", headers={"accept": "text/html"})
    assert page["Content-Type"].startswith("text/html")
    assert "peer_address" in page.content.decode()
