"""One stream's place in the feed: what waits to be sent to it, and why it ended."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from ticketing.live.admission import Caller
from ticketing.live.endings import Ending
from ticketing.live.messages import Message
from ticketing.live.timeline import Told

# Messages that may wait for a client to read; one who lets more pile up is sent away.
LONGEST_QUEUE = 256


class Subscription:
    """What the hub puts in and the stream takes out, both in the same event loop."""

    def __init__(self, caller: Caller, position: int, missing: frozenset[int], after: int | None) -> None:
        self.user, self.audience, self.until = caller.audience.user, caller.audience, caller.until
        # Up to here the log is the stream's own to replay, but for `missing`, which the hub still looks for.
        self.position, self.missing = position, missing
        # A client may have events that this process has still to tell: from an earlier stream of another one.
        self.start = self.heard = max(position, after or 0)
        self.ending: Ending | None = None
        self._queue: deque[Message] = deque()
        self._awake = asyncio.Event()

    def hear(self, told: Told, message: Message) -> None:
        """Queue the event's message, if it concerns this caller and the client does not have it already."""
        new = told.late or told.event.id > self.heard
        if not told.late:
            self.heard = max(self.heard, told.event.id)
        if new and self.audience.hears(told.event):
            self.offer(message)

    def offer(self, message: Message) -> None:
        """Queue a message; a client that has not read as many as may wait is sent away instead."""
        if len(self._queue) >= LONGEST_QUEUE:
            self.end(Ending.TOO_SLOW)
        if self.ending is None:
            self._queue.append(message)
            self._awake.set()

    def end(self, ending: Ending) -> Ending:
        """End the stream; return why it ends, for the first reason counts.

        What waits is dropped: a client that resumes gets it.
        """
        if self.ending is None:
            self.ending = ending
            self._queue.clear()
            self._awake.set()
        return self.ending

    async def next(self, seconds: float) -> Message | None:
        """The next message; None when the stream has ended, or there was none for so many seconds."""
        if not self._queue and self.ending is None:
            self._awake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._awake.wait()
        return self._queue.popleft() if self._queue else None
