"""Who may listen, and what the others are told."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core import signing
from django.db import DatabaseError
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from drf_jwt_backend.environment import SettingError
from drf_jwt_backend.logs import JsonFormatter
from tests.unit.service.callers import client_of
from tests.unit.service.listeners import FEED, WEBSOCKET, bearer, in_a_loop, request
from ticketing.live import admission, log, passes, server
from ticketing.live.application import LiveApplication

pytestmark = pytest.mark.django_db


async def refusal(
    headers: dict[str, str] | None = None, *, path: str = FEED, query: str = "", method: str = "GET"
) -> tuple[int, str]:
    """Status and code of a request that gets no stream."""
    application = LiveApplication()
    async with request(application, headers, path=path, query=query, method=method) as client:
        status, answered, body = await client.answer()
    assert not application.hub.subscriptions
    assert answered["content-type"] == "application/json"
    assert body["error"].keys() == {"status", "code", "message", "fields"}
    assert body["error"]["status"] == status
    assert ("www-authenticate" in answered) == (status == 401)
    assert {"x-request-id", "x-served-by", "server-timing"} <= answered.keys()
    return status, body["error"]["code"]


@pytest.mark.parametrize("path", [FEED, WEBSOCKET])
@in_a_loop
async def test_nobody_and_people_without_a_role_hear_nothing(path: str, outsider: User) -> None:
    assert await refusal(path=path) == (401, "not_authenticated")
    assert await refusal(await sync_to_async(bearer)(outsider), path=path) == (403, "permission_denied")


def api_refusal(headers: dict[str, str]) -> tuple[int, str]:
    """What the ordinary API says."""
    answer = APIClient().get("/api/tickets/", headers=headers)
    return answer.status_code, answer.json()["error"]["code"]


@in_a_loop
async def test_tokens_that_open_nothing_are_refused_as_by_the_api(student: User, instructor: User) -> None:
    expired = AccessToken.for_user(student)
    expired.set_exp(lifetime=-timedelta(seconds=1))
    await sync_to_async(User.objects.filter(pk=instructor.pk).update)(is_active=False)
    for token in (expired, RefreshToken.for_user(student), "nonsense", AccessToken.for_user(instructor)):
        headers = {"authorization": f"Bearer {token}"}
        refused = await refusal(headers)
        assert refused[0] == 401
        assert refused == await sync_to_async(api_refusal)(headers)


@in_a_loop
async def test_a_stream_lasts_as_long_as_its_token(student: User) -> None:
    application = LiveApplication()
    token = AccessToken.for_user(student)
    async with request(application, {"authorization": f"Bearer {token}"}) as client:
        await client.raw()
        (subscription,) = application.hub.subscriptions
        assert subscription.until == token["exp"]


def test_the_api_gives_tickets_to_whoever_may_listen(student: User, outsider: User) -> None:
    assert APIClient().post("/api/live/ticket/").status_code == 401
    assert client_of(outsider).post("/api/live/ticket/").status_code == 403
    assert client_of(student).get("/api/live/ticket/").status_code == 405
    client, token = APIClient(), AccessToken.for_user(student)
    answer = client.post("/api/live/ticket/", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json()["expires_in"] == 30
    assert passes.check(answer.json()["ticket"]) == (student.pk, token["exp"])


@in_a_loop
async def test_tickets_that_open_nothing(student: User, monkeypatch: pytest.MonkeyPatch) -> None:
    good = passes.give(student.pk, time.time() + 60)
    others = [
        signing.dumps({"user": student.pk, "until": time.time() + 60}, salt="another purpose"),
        str(AccessToken.for_user(student)),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        passes.give(student.pk, time.time() - 1),
        "",
    ]
    for ticket in others:
        assert await refusal(query=f"ticket={ticket}") == (401, "ticket_not_valid")
    monkeypatch.setattr(passes, "SECONDS", -1)
    assert await refusal(query=f"ticket={good}") == (401, "ticket_not_valid")


def test_a_ticket_is_no_token(student: User) -> None:
    ticket = passes.give(student.pk, time.time() + 60)
    answer = APIClient().get("/api/tickets/", headers={"authorization": f"Bearer {ticket}"})
    assert answer.status_code == 401


@in_a_loop
async def test_other_hosts_are_not_served(student: User) -> None:
    for host in ("evil.example", "", "localhost evil"):
        headers = {**await sync_to_async(bearer)(student), "host": host}
        assert await refusal(headers) == (400, "bad_host")


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("http://localhost:8080", True),
        ("https://10.10.10.1", True),
        ("http://evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://localhost@evil.example", False),
        ("null", False),
        ("", False),
    ],
)
@in_a_loop
async def test_only_our_own_pages_open_a_websocket(origin: str, accepted: bool, student: User) -> None:
    headers = {**await sync_to_async(bearer)(student), "origin": origin}
    if not accepted:
        assert await refusal(headers, path=WEBSOCKET) == (403, "bad_origin")
        return
    async with request(LiveApplication(), headers, path=WEBSOCKET) as client:
        assert (await client.raw())["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("POST", FEED, "", (405, "method_not_allowed")),
        ("HEAD", FEED, "", (405, "method_not_allowed")),
        ("GET", "/api/live/nothing/", "", (404, "not_found")),
        ("GET", FEED, "last_event_id=-1", (400, "bad_event_id")),
        ("GET", FEED, "last_event_id=1e3", (400, "bad_event_id")),
        ("GET", FEED, "last_event_id=" + "9" * 19, (400, "bad_event_id")),
        ("GET", FEED, "last_event_id=%D9%A3", (400, "bad_event_id")),
    ],
)
@in_a_loop
async def test_requests_that_make_no_sense(
    method: str, path: str, query: str, expected: tuple[int, str], student: User
) -> None:
    headers = await sync_to_async(bearer)(student)
    assert await refusal(headers, method=method, path=path, query=query) == expected


@in_a_loop
async def test_a_database_that_does_not_answer_is_said(
    student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dead(now: float) -> None:
        raise DatabaseError

    headers = await sync_to_async(bearer)(student)
    monkeypatch.setattr(log, "begin", dead)
    assert await refusal(headers) == (503, "unavailable")


@in_a_loop
async def test_health_needs_no_database_and_no_token() -> None:
    async with request(LiveApplication(), path="/healthz") as client:
        status, _headers, body = await client.answer()
    assert (status, body) == (200, {"status": "ok"})


@in_a_loop
async def test_the_log_has_no_ticket_and_keeps_to_its_line(
    student: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ticket = passes.give(student.pk, time.time() + 60)
    async with request(LiveApplication(), query=f"ticket={ticket}") as client:
        await client.raw()
    async with request(LiveApplication(), path="/api/live/\nforged") as client:
        await client.answer()
    records = [record for record in caplog.records if record.name == "request"]
    lines = [JsonFormatter().format(record) for record in records]
    told = [json.loads(line) for line in lines]
    assert [(line["path"], line["status"]) for line in told] == [
        ("/api/live/", 200),
        ("/api/live/\nforged", 404),
    ]
    assert not any("\n" in line or ticket in line for line in lines)


def test_a_session_has_an_end_too() -> None:
    assert 0 < admission.end_of(None) - time.time() <= admission.SESSION


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:port", "127.0.0.1:8000\n"])
def test_a_wrong_address_is_one_sentence(bind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIND", bind)
    with pytest.raises(SettingError, match=r"Setting BIND .* write an address and a port"):
        server.LiveServer(LiveApplication())
