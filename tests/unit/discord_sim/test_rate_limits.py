"""Both limits of the webhook, in headers and bodies."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.unit.discord_sim.conftest import PATH, Clock, Post, body


def test_headers_count_one_window_down(post: Post, clock: Clock) -> None:
    seen = []
    for _ in range(3):
        headers = post().headers
        seen.append((headers["X-RateLimit-Remaining"], headers["X-RateLimit-Reset-After"]))
        assert (headers["X-RateLimit-Limit"], headers["Via"]) == ("5", "1.1 google")
        assert float(headers["X-RateLimit-Reset"]) == 1_700_001_002
        assert headers["X-RateLimit-Bucket"]
        assert not {"X-RateLimit-Scope", "X-RateLimit-Global", "Retry-After"} & set(headers.keys())
        clock.time += 0.25
    assert seen == [("4", "2.000"), ("3", "1.750"), ("2", "1.500")]


def test_the_sixth_in_two_seconds_is_refused_until_the_window_closes(post: Post, clock: Clock) -> None:
    assert [post().status_code for _ in range(5)] == [204] * 5
    clock.time += 0.7501
    refused = post()
    assert refused.status_code == 429
    assert body(refused) == {"message": "You are being rate limited.", "retry_after": 1.25, "global": False}
    assert refused.headers["Retry-After"] == "2"
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    clock.time += 1.25
    assert post().status_code == 204


def test_the_channels_limit_is_hidden_and_bites_while_requests_remain(post: Post, clock: Clock) -> None:
    for number in range(30):
        assert post().status_code == 204, number
        clock.time += 0.41
    refused = post()
    assert refused.status_code == 429
    assert body(refused)["message"] == "The resource is being rate limited."
    assert body(refused)["retry_after"] == pytest.approx(60 - 12.3, abs=0.002)
    assert refused.headers["Retry-After"] == "48"
    assert refused.headers["X-RateLimit-Scope"] == "shared"
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0
    clock.time += body(refused)["retry_after"]
    assert post().status_code == 204


def test_what_a_limit_refuses_costs_nothing(post: Post, client: FlaskClient, clock: Clock) -> None:
    client.put("/_lab/limits", json={"channel": "2/60"})
    post(), post()
    before = body(client.get("/_lab/stats"))["windows"]
    for _ in range(20):
        assert post().status_code == 429
    after = body(client.get("/_lab/stats"))
    assert after["windows"] == before
    assert (after["messages"], after["rate_limited"], after["refused"]) == (2, 20, {"429 shared": 20})
    assert len(after["rate_limits_given"]) == 20
    clock.time += 60
    assert post().status_code == 204


def test_a_malformed_message_counts_against_the_webhook_but_not_the_channel(
    post: Post, client: FlaskClient
) -> None:
    assert [post("").status_code for _ in range(6)] == [400] * 5 + [429]
    windows = body(client.get("/_lab/stats"))["windows"]
    assert (windows["webhook"]["used"], windows["channel"]["used"]) == (5, 0)


def test_a_wrong_token_costs_nothing(post: Post, client: FlaskClient) -> None:
    for _ in range(9):
        assert post(path=PATH + "x").status_code == 401
    assert body(client.get("/_lab/stats"))["windows"]["webhook"]["used"] == 0


def test_limits_are_adjustable_while_it_runs(post: Post, client: FlaskClient) -> None:
    answer = client.put("/_lab/limits", json={"webhook": "1/30"})
    assert body(answer) == body(client.get("/_lab/limits")) == {"webhook": "1/30", "channel": "30/60"}
    assert [post().status_code, post().status_code] == [204, 429]
    for wrong in ({"webhook": "0/1"}, {"webhok": "1/1"}, ["5/2"]):
        refused = client.put("/_lab/limits", json=wrong)
        assert refused.status_code == 400
        assert "5/2" in body(refused)["message"]
    assert body(client.get("/_lab/limits")) == {"webhook": "1/30", "channel": "30/60"}
