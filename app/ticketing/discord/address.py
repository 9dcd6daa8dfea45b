"""The URL of a webhook: checked, brought to API v10, and never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

FORM = "https://discord.com/api/webhooks/<number>/<token>"

_PATH = re.compile(r"/api(?:/v\d{1,2})?/webhooks/(\d{1,20})/([A-Za-z0-9_-]+)/?", re.ASCII)
# A name or an IPv4 address, with labels that DNS allows, or an IPv6 address.
_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*\.?|[0-9a-f:.]+", re.ASCII)


class WebhookURLError(ValueError):
    """A text is not the URL of a webhook. The message says what is wrong and does not repeat the text."""


@dataclass(frozen=True)
class WebhookURL:
    """Where a webhook is. `token` is the secret; `url` has it in it, `str` and `repr` do not."""

    origin: str
    id: str
    token: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `…/api/webhooks/<id>/<token>`, versioned or not, of any host. Raises WebhookURLError."""
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise WebhookURLError(f"it is not a URL of the form {FORM}") from None
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise WebhookURLError(f"it must begin with https:// (or http://) and a host, as in {FORM}")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise WebhookURLError(f"it must have nothing before the host or after the token, as in {FORM}")
        path = _PATH.fullmatch(parts.path)
        if not path:
            raise WebhookURLError(f"its path must be /api/webhooks/<number>/<token>, as in {FORM}")
        shown = f"[{host}]" if ":" in host else host
        return cls(f"{parts.scheme}://{shown}{f':{port}' if port else ''}", path[1], path[2])

    @property
    def url(self) -> str:
        """The URL to post to. API v10 always: without a version it is v6, which tells waits in ms."""
        return f"{self.origin}/api/v10/webhooks/{self.id}/{self.token}"

    def __str__(self) -> str:
        return f"webhook {self.id} at {self.origin}"
