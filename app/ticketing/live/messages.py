"""What a stream carries, in the two forms that it has on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import orjson


@dataclass(frozen=True)
class Message:
    """One thing to tell a client. `data` is JSON; a heartbeat has none.

    `id` is where a client that has this message resumes; None leaves its place as it was.
    """

    name: str
    data: bytes | None = None
    id: int | None = None

    @cached_property
    def event(self) -> bytes:
        """As a Server-Sent Event (HTML Living Standard, 9.2.6); without data as a comment."""
        place = b"" if self.id is None else b"id: %d\n" % self.id
        name = self.name.encode()
        if self.data is None:
            return b": %b\n%b\n" % (name, place)
        return b"%bevent: %b\ndata: %b\n\n" % (place, name, self.data)

    @cached_property
    def frame(self) -> str:
        """As the text of a WebSocket frame: a JSON object of the same parts."""
        parts: dict[str, object] = {"event": self.name}
        if self.id is not None:
            parts["id"] = self.id
        if self.data is not None:
            parts["data"] = orjson.Fragment(self.data)
        return orjson.dumps(parts).decode()


def heartbeat(position: int) -> Message:
    """Nothing has happened, and so far the client has heard of everything that concerns it."""
    return Message("heartbeat", id=position)


def reset(position: int, why: str) -> Message:
    """What the client missed cannot be told: it has to read the list again, and hears from here on."""
    return Message("reset", orjson.dumps({"message": why}), position)
