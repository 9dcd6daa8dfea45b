"""The webhook's URL, and what answers and failures of a real connection mean."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from tests.unit.notifier.stand_in import TOKEN
from ticketing.discord.address import WebhookURL, WebhookURLError
from ticketing.discord.answers import Outcome, judge
from ticketing.discord.webhook import Webhook

PATH = f"/api/webhooks/12/{TOKEN}"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (f"https://discord.com{PATH}", "https://discord.com"),
        (f" https://discordapp.com/api/v6/webhooks/12/{TOKEN}/\n", "https://discordapp.com"),
        (f"http://203.0.113.80:8080{PATH}", "http://203.0.113.80:8080"),
        (f"http://[::1]:80/api/v10/webhooks/12/{TOKEN}", "http://[::1]:80"),
    ],
)
def test_a_webhooks_url_of_any_host_is_brought_to_v10(text: str, origin: str) -> None:
    webhook = WebhookURL.parse(text)
    assert webhook.url == f"{origin}/api/v10/webhooks/12/{TOKEN}"
    assert str(webhook) == f"webhook 12 at {origin}"
    assert TOKEN not in repr(webhook) + repr(Webhook(webhook))


@pytest.mark.parametrize(
    "text",
    [
        "",
        TOKEN,
        f"ftp://discord.com{PATH}",
        f"https://{PATH}",
        f"https://user:{TOKEN}@discord.com{PATH}",
        f"https://discord.com:99999999{PATH}",
        f"https://[::1{PATH}",
        f"https://dis cord.com{PATH}",
        f"https://discord..com{PATH}",
        f"https://discord.com/webhooks/12/{TOKEN}",
        f"https://discord.com/api/webhooks/twelve/{TOKEN}",
        f"https://discord.com/api/webhooks/٣/{TOKEN}",
        f"https://discord.com/api/webhooks/12/{TOKEN}/slack",
        f"https://discord.com{PATH}?wait=true",
        f"https://discord.com{PATH}#x",
    ],
)
def test_any_other_text_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(WebhookURLError) as error:
        WebhookURL.parse(text)
    said = str(error.value)
    assert TOKEN not in said
    assert "https://discord.com/api/webhooks/<number>/<token>" in said


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.SENT),
        (206, Outcome.REFUSED),
        (301, Outcome.REFUSED),
        (400, Outcome.REJECTED),
        (401, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (405, Outcome.REFUSED),
        (413, Outcome.REJECTED),
        (500, Outcome.UNREACHED),
        (502, Outcome.UNREACHED),
        (503, Outcome.UNREACHED),
        (504, Outcome.UNKNOWN),
        (524, Outcome.UNKNOWN),
    ],
)
def test_what_a_status_means(status: int, outcome: Outcome) -> None:
    answer = judge(status, {}, b"[" * 100_000)
    assert answer.outcome is outcome
    assert bool(answer.reason) is (outcome is not Outcome.SENT)


def test_the_messages_id_is_taken_only_if_it_is_one() -> None:
    def given(body: bytes) -> str:
        return judge(200, {"Content-Type": "application/json"}, body).message_id

    assert given(b'{"id": "1234567890"}') == "1234567890"
    assert {given(body) for body in (b'{"id": "../x"}', b"[]", b'{"id": "' + b"1" * 21 + b'"}')} == {""}


Behaviour = Callable[[socket.socket], None]


@contextmanager
def server(behave: Behaviour) -> Iterator[str]:
    """A server on loopback that treats one connection as `behave` says."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                behave(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(5)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(_: socket.socket) -> None:
    pass


def cut(connection: socket.socket) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n" + b'{"id": "12'
    )


def stall(connection: socket.socket) -> None:
    connection.recv(1)  # until the client gives up


def garble(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


@pytest.mark.parametrize(
    ("behave", "outcome"),
    [
        (reset, Outcome.UNKNOWN),
        (close, Outcome.UNKNOWN),
        (garble, Outcome.UNKNOWN),
        (cut, Outcome.SENT),
        (stall, Outcome.UNKNOWN),
    ],
)
def test_what_a_broken_connection_means(
    behave: Behaviour, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketing.discord.webhook.READ_TIMEOUT", 0.2)
    with server(behave) as origin, Webhook(WebhookURL.parse(origin + PATH)) as webhook:
        answer = webhook.post("hello")
    assert answer.outcome is outcome
    assert TOKEN not in repr(answer)


def test_a_refused_connection_took_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Webhook(WebhookURL.parse(f"http://127.0.0.1:{port}{PATH}")) as webhook:
        answer = webhook.post("hello")
    assert answer.outcome is Outcome.UNREACHED
    assert TOKEN not in repr(answer)


def test_a_name_that_does_not_resolve_took_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with Webhook(WebhookURL.parse(f"http://discord.example{PATH}")) as webhook:
        assert webhook.post("hello").outcome is Outcome.UNREACHED


def test_https_to_a_plain_server_is_refused_with_the_mend() -> None:
    def plain_http(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with server(plain_http) as origin:
        webhook = Webhook(WebhookURL.parse(origin.replace("http:", "https:") + PATH))
        answer = webhook.post("hello")
    assert answer.outcome is Outcome.REFUSED
    assert "https://" in answer.reason
