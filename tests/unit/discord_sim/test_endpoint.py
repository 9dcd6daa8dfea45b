"""What the endpoint takes, and the exact answers when it does not."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.unit.discord_sim.conftest import ID, PATH, TOKEN, Clock, Post, body


@pytest.mark.parametrize("version", ["", "/v9", "/v10"])
def test_success_is_204_or_the_message(post: Post, client: FlaskClient, version: str) -> None:
    path = f"/api{version}/webhooks/{ID}/{TOKEN}"
    quiet, waited = post(path=path), post("hi  ", path + "?wait=true", username="Ticket Bot", flags=4)
    assert (quiet.status_code, quiet.data) == (204, b"")
    assert waited.status_code == 200
    message = body(waited)
    kept = body(client.get("/_lab/messages"))
    assert [record["content"] for record in kept] == ["hello", "hi"]
    assert (message["content"], message["flags"], message["webhook_id"]) == ("hi", 4, ID)
    assert message["author"]["username"] == "Ticket Bot"
    assert message["id"] == kept[1]["id"] > kept[0]["id"]


def test_the_webhook_object_has_no_secret(client: FlaskClient) -> None:
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert body(answer)["id"] == ID
    assert {"channel_id", "name", "type"} <= body(answer).keys()
    assert TOKEN not in answer.text


def form_error(answer: TestResponse, *path: str) -> dict[str, str]:
    assert answer.status_code == 400
    error = body(answer)
    assert (error["code"], error["message"]) == (50035, "Invalid Form Body")
    place = error["errors"]
    for step in path:
        place = place[step]
    found: dict[str, str] = place["_errors"][0]
    return found


def test_over_long_content_names_the_field_and_the_limit(post: Post) -> None:
    assert post("🎟" * 2000).status_code == 204
    assert form_error(post("🎟" * 2001), "content") == {
        "code": "BASE_TYPE_MAX_LENGTH",
        "message": "Must be 2000 or fewer in length.",
    }


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"content": 7}, ("content",), "STRING_TYPE_CONVERT"),
        ({"username": "u" * 81}, ("username",), "BASE_TYPE_BAD_LENGTH"),
        ({"username": "Not Discord"}, ("username",), "USERNAME_INVALID_CONTAINS"),
        ({"embeds": {}}, ("embeds",), "LIST_TYPE_CONVERT"),
        ({"embeds": ["x"]}, ("embeds", "0"), "DICT_TYPE_CONVERT"),
        ({"embeds": [{}] * 11}, ("embeds",), "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "t" * 257}]}, ("embeds", "0", "title"), "BASE_TYPE_MAX_LENGTH"),
        (
            {"embeds": [{}, {"footer": {"text": "t" * 2049}}]},
            ("embeds", "1", "footer", "text"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        ({"embeds": [{"fields": [{}] * 26}]}, ("embeds", "0", "fields"), "BASE_TYPE_MAX_LENGTH"),
        (
            {"embeds": [{"fields": [{"value": "v" * 1025}]}]},
            ("embeds", "0", "fields", "0", "value"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        ({"embeds": [{"description": "d" * 3001}] * 2}, ("embeds",), "MAX_EMBED_SIZE_EXCEEDED"),
    ],
)
def test_a_bad_field_is_named_where_it_stands(
    client: FlaskClient, fields: dict[str, Any], path: tuple[str, ...], code: str
) -> None:
    answer = client.post(PATH, json={"content": "hello"} | fields)
    assert form_error(answer, *path)["code"] == code
    assert body(client.get("/_lab/messages")) == []


@pytest.mark.parametrize("content", ["", "  \n", None])
def test_an_empty_message_is_50006(post: Post, content: str | None) -> None:
    answer = post(content)
    assert answer.status_code == 400
    assert body(answer) == {"message": "Cannot send an empty message", "code": 50006}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000])
def test_no_json_is_50109(client: FlaskClient, body: bytes) -> None:
    answer = client.post(PATH, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json == {"message": "The request body contains invalid JSON.", "code": 50109}


def test_other_bodies(client: FlaskClient) -> None:
    assert body(client.post(PATH, data='{"content": "x"}', content_type="text/plain"))["code"] == 50006
    assert body(client.post(PATH, json=["x"]))["code"] == 50035
    assert body(client.post(PATH, data={"payload_json": "{"}))["code"] == 50109
    multipart = {"payload_json": '{"content": "from a form"}', "file": (BytesIO(b"x"), "a.txt")}
    assert client.post(PATH, data=multipart).status_code == 204
    assert body(client.get("/_lab/messages"))[0]["content"] == "from a form"


def test_other_webhooks_methods_and_paths(client: FlaskClient) -> None:
    unknown = client.post(f"/api/v10/webhooks/1/{TOKEN}", json={"content": "x"})
    assert (unknown.status_code, body(unknown)) == (404, {"message": "Unknown Webhook", "code": 10015})
    wrong = client.post(PATH + "x", json={"content": "x"})
    assert (wrong.status_code, body(wrong)) == (401, {"message": "Invalid Webhook Token", "code": 50027})
    method = client.put(PATH)
    assert (method.status_code, body(method)) == (405, {"message": "405: Method Not Allowed", "code": 0})
    assert "POST" in method.headers["Allow"]
    path = client.get("/api/v10/nothing")
    assert (path.status_code, body(path)) == (404, {"message": "404: Not Found", "code": 0})


def test_a_body_beyond_the_limit_is_413(client: FlaskClient) -> None:
    answer = client.post(PATH, data=b"x" * (10 * 1024 * 1024 + 1), content_type="application/json")
    assert (answer.status_code, body(answer)) == (413, {"message": "Request entity too large", "code": 40005})


def test_a_fault_of_the_stand_in_does_not_log_the_token(
    post: Post, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "epoch", lambda: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert post().status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert TOKEN not in caplog.text
