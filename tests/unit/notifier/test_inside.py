"""A webhook that leads inside is not posted to, whatever name it goes by."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from ticketing.discord.address import WebhookURL
from ticketing.discord.answers import Outcome
from ticketing.discord.inside import is_inside
from ticketing.discord.webhook import Webhook

PATH = "/api/webhooks/12/token"


@pytest.mark.parametrize(
    "address",
    [
        "10.10.30.11",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "203.0.113.80",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
    ],
)
def test_addresses_inside(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize("address", ["162.159.128.233", "2606:4700::1", "::ffff:162.159.128.233"])
def test_addresses_outside(address: str) -> None:
    assert not is_inside(address)


def leads(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have every name lead to one of these addresses after the other, and then to the last."""
    real, left = socket.getaddrinfo, list(addresses)

    def look_up(_name: object, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        return real(left.pop(0) if len(left) > 1 else left[0], *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "discord.example", "2130706433"])
def test_an_address_inside_is_not_even_called(
    host: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DISCORD_WEBHOOK_INSIDE = []
    leads(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        with Webhook(WebhookURL.parse(f"http://{host}:{listening.getsockname()[1]}{PATH}")) as webhook:
            answer = webhook.post("hello")
        with pytest.raises(TimeoutError):
            listening.accept()
    assert answer.outcome is Outcome.REFUSED
    assert "DISCORD_WEBHOOK_INSIDE" in answer.reason


def test_nothing_is_sent_where_the_name_leads_inside_a_moment_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DISCORD_WEBHOOK_INSIDE = []
    leads(monkeypatch, "162.159.128.233", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        with Webhook(
            WebhookURL.parse(f"http://discord.example:{listening.getsockname()[1]}{PATH}")
        ) as webhook:
            answer = webhook.post("hello")
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(100) == b""
    assert answer.outcome is Outcome.REFUSED
