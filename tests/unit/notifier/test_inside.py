"""A webhook that leads inside is not posted to, whatever name it goes by."""

from __future__ import annotations

import socket

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


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "discord.example"])
def test_nothing_is_sent_to_an_address_inside(
    host: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DISCORD_WEBHOOK_INSIDE = []
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _name, *rest, **more: real("127.0.0.1", *rest, **more))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = WebhookURL.parse(f"http://{host}:{listening.getsockname()[1]}{PATH}")
        with Webhook(url) as webhook:
            answer = webhook.post("hello")
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(100) == b""
    assert answer.outcome is Outcome.REFUSED
    assert "DISCORD_WEBHOOK_INSIDE" in answer.reason
