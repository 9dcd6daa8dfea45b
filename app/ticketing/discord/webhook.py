"""Posts a message to a webhook, once.

The webhook's token is a secret. Exceptions of `requests` name the path, so none leaves this module, and the
loggers of the libraries below it are redacted as long as a webhook is open.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError  # some of its own, requests lets through

from ticketing.discord.address import WebhookURL
from ticketing.discord.answers import Answer, judge, judge_failure
from ticketing.discord.inside import Outward

USERNAME = "Ticket Bot"
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 30.0  # seconds
BODY_LIMIT = 1_000_000  # bytes of an answer that are read
SUPPRESS_EMBEDS = 1 << 2  # a message flag: no previews of pages that a ticket names

_LOGGERS = ("urllib3", "urllib3.connectionpool", "urllib3.util.retry", "requests")


class _Redact(logging.Filter):
    """Replaces a secret in log records."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the secret."""
        record.msg, record.args = record.getMessage().replace(self._secret, "[secret]"), ()
        record.exc_info = record.exc_text = None
        return True


class Webhook:
    """A webhook to post to; a context manager."""

    def __init__(self, url: WebhookURL, session: requests.Session | None = None) -> None:
        """`session` is for tests."""
        self.url = url
        self._session = session or _session()
        self._redact = _Redact(url.token)

    def __repr__(self) -> str:
        return f"<Webhook: {self.url}>"

    def __enter__(self) -> Self:
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._redact)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._redact)

    def post(self, content: str, embeds: Sequence[str] = ()) -> Answer:
        """Post a message once and say what became of it. No fault of network or server raises."""
        try:
            response = self._session.post(
                self.url.url,
                params={"wait": "true"},
                json=message(content, embeds),
                # A kept connection that the server is just closing would lose a message in a way that can't
                # be told from a lost answer. A fresh one costs a round trip, and the limits leave time.
                headers={"Connection": "close"},
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,  # a redirected POST becomes a GET
                stream=True,  # so that the status counts even if the body then breaks off
            )
        except (requests.RequestException, HTTPError) as error:
            return judge_failure(error)
        with response:
            return judge(response.status_code, response.headers, _body(response))


def message(content: str, embeds: Sequence[str]) -> dict[str, Any]:
    """The body of a request; `embeds` are descriptions."""
    body = {"username": USERNAME, "content": content, "allowed_mentions": {"parse": []}}
    # The flag would hide a message's own embeds too. Without it nothing unfolds either, as `markup` leaves
    # no link in a ticket's text; the flag is there in case it misses one.
    rest = {"embeds": [{"description": text} for text in embeds]} if embeds else {"flags": SUPPRESS_EMBEDS}
    return body | rest


def _session() -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Outward(settings.DISCORD_WEBHOOK_INSIDE))
    return session


def _body(response: requests.Response) -> bytes:
    try:
        body: bytes = next(response.iter_content(BODY_LIMIT), b"")
    except (requests.RequestException, HTTPError):
        return b""
    return body
