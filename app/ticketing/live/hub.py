"""The one place where events come in and go out to all streams."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress

from django.db import DatabaseError
from rest_framework.exceptions import APIException, Throttled

from ticketing.live import log
from ticketing.live.admission import Caller
from ticketing.live.endings import Ending
from ticketing.live.messages import Message
from ticketing.live.subscription import Subscription
from ticketing.live.timeline import Timeline, Told

# Seconds between two looks at the log; what an event takes to reach a client is half of it on average.
INTERVAL = 0.3
# Seconds between two looks at who may (still) hear what.
REFRESH = 30.0
# Seconds until the next try when the database does not answer; streams stay open meanwhile.
RETRY = 2.0
MOST_PER_USER = 20
MOST_STREAMS = 1000

_log = logging.getLogger("live")


class Full(APIException):
    """There are as many streams as there may be."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The feed has as many listeners as it can serve; try again later."
    wait = RETRY


class Hub:
    """All streams of this process, and the poller that serves them; it idles while there are none."""

    def __init__(self) -> None:
        self.subscriptions: set[Subscription] = set()
        self._timeline: Timeline | None = None
        self._poller: asyncio.Task[None] | None = None
        self._refreshed = 0.0
        self._waking = asyncio.Lock()
        self._stopping = False

    async def join(self, caller: Caller, after: int | None) -> Subscription:
        """A place for one more stream. `after` is the last event that the client has, None for none.

        Raises `APIException`: 429 when the user has too many streams already, 503 when all together have.
        """
        async with self._waking:
            timeline = self._timeline or await log.begin(time.monotonic())
        self._check_room(caller.audience.user)
        # From here to the end nothing is awaited, so no event comes between.
        timeline = self._timeline = self._timeline or timeline
        missing = frozenset(gap for gap in timeline.missing if gap <= timeline.position)
        subscription = Subscription(caller, timeline.position, missing, after)
        self.subscriptions.add(subscription)
        if self._poller is None:
            self._refreshed = time.monotonic()
            self._poller = asyncio.create_task(self._poll(timeline))
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Give up a stream's place."""
        self.subscriptions.discard(subscription)

    @property
    def position(self) -> int:
        """The id up to which every event was told."""
        return self._timeline.position if self._timeline else 0

    async def stop(self, seconds: float) -> None:
        """Take no more streams, end all, and return when they have ended or so many seconds have passed."""
        self._stopping = True
        self._end_all(Ending.STOPPING)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.subscriptions:
                    await asyncio.sleep(0.05)

    def _check_room(self, user: int) -> None:
        if self._stopping or len(self.subscriptions) >= MOST_STREAMS:
            raise Full
        if Counter(subscription.user for subscription in self.subscriptions)[user] >= MOST_PER_USER:
            raise Throttled(RETRY, f"You have {MOST_PER_USER} streams open already; close one.")

    def _end_all(self, ending: Ending) -> None:
        for subscription in self.subscriptions:
            subscription.end(ending)

    async def _poll(self, timeline: Timeline) -> None:
        try:
            while self.subscriptions:
                await asyncio.sleep(await self._look(timeline))
        except Exception:
            _log.exception("the poller failed; all streams end")
            self._end_all(Ending.FAILED)
        finally:
            self._timeline = self._poller = None

    async def _look(self, timeline: Timeline) -> float:
        """Tell the streams what is new; return the seconds until the next look."""
        self._end_expired()
        try:
            found = await log.since(timeline.seen, list(timeline.missing))
            await self._refresh_if_due()
        except DatabaseError:
            _log.exception("the database does not answer; the feed goes on when it does")
            return RETRY
        for told in timeline.see(found, time.monotonic()):
            self._tell(told)
        return 0.0 if len(found) == log.PAGE else INTERVAL

    def _tell(self, told: Told) -> None:
        # A late one leaves the clients' place as it was: they have events after it.
        message = Message("ticket", told.event.data, None if told.late else told.event.id)
        for subscription in self.subscriptions:
            subscription.hear(told, message)

    def _end_expired(self) -> None:
        now = time.time()
        for subscription in self.subscriptions:
            if subscription.until <= now:
                subscription.end(Ending.EXPIRED)

    async def _refresh_if_due(self) -> None:
        """Ask what the callers may hear by now, all in one; end the streams of those who may not at all."""
        if time.monotonic() - self._refreshed < REFRESH:
            return
        self._refreshed = time.monotonic()
        asked = list(self.subscriptions)
        known = await log.audiences({subscription.user for subscription in asked})
        for subscription in asked:
            if subscription.user in known:
                subscription.audience = known[subscription.user]
            else:
                subscription.end(Ending.NO_ACCESS)
