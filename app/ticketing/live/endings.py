"""Why a stream ends."""

from __future__ import annotations

from enum import Enum

import orjson

from ticketing.live.messages import Message


class Ending(Enum):
    """A reason: its code and its sentence for the client, and the WebSocket's close code (RFC 6455, 7.4)."""

    TOO_SLOW = "too_slow", "You read slower than things happen; come again with the last event's id.", 1013
    EXPIRED = "expired", "What you logged in with has expired; get a new token and come again.", 4401
    NO_ACCESS = "no_access", "Your account may not use the feed any longer.", 4403
    STOPPING = "stopping", "The feed is stopping; come again with the last event's id.", 1012
    FAILED = "failed", "The feed failed; come again with the last event's id.", 1011
    BAD_MESSAGE = "bad_message", 'The only message to send here is {"ping": …}, in at most 1 KiB.', 1008
    GONE = "gone", "The client has gone.", 1000

    @property
    def code(self) -> str:
        """The reason in a word."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """The reason, and what to do."""
        return self.value[1]

    @property
    def close_code(self) -> int:
        """The reason as a WebSocket says it."""
        return self.value[2]

    @property
    def message(self) -> Message:
        """The last message of a stream that ends so; the client's place stays as it was."""
        return Message("end", orjson.dumps({"code": self.code, "message": self.sentence}))
