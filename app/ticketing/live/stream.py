"""What one client is sent, in order: what it missed, then what happens."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from django.db import DatabaseError
from rest_framework.exceptions import ParseError

from ticketing.live import log
from ticketing.live.endings import Ending
from ticketing.live.exchange import Exchange
from ticketing.live.messages import Message, heartbeat, reset
from ticketing.live.subscription import Subscription

# Seconds without news after which a client hears that the stream is alive.
HEARTBEAT = 15.0
# A client that is further behind than so many events reads the list again instead.
MOST_MISSED = 10_000
# Seconds that a client may take to make room for one message.
PATIENCE = 30.0

_log = logging.getLogger("live")


def last_event_id(exchange: Exchange) -> int | None:
    """The last event that the client has, as it says; None when it has none. Raises `ParseError`."""
    text = exchange.headers.get("last-event-id") or exchange.query.get("last_event_id", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ParseError("Last-Event-ID must be an id that this feed has given.", code="bad_event_id")
    return int(text)


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a stream begins: after the event that the client has last, or now (None); then perhaps why."""

    after: int | None = None
    obstacle: str | None = None


async def resume(last: int | None) -> Resume:
    """Whether what came after the client's last event can be replayed."""
    if last is None:
        return Resume()
    newest = await log.newest()
    if last > newest:
        return Resume(obstacle=f"There is no event {last}; the newest is {newest}.")
    if newest - last > MOST_MISSED:
        return Resume(
            obstacle=f"{newest - last} events came since; more than {MOST_MISSED} are not replayed."
        )
    return Resume(last)


async def messages(subscription: Subscription, begin: Resume) -> AsyncGenerator[Message, None]:
    """Everything for one client until its stream ends; the last message says why it did."""
    if begin.obstacle is not None:
        yield reset(subscription.start, begin.obstacle)
    elif begin.after is not None:
        async for message in _missed(subscription, begin.after):
            yield message
    # The client's place from now on, though no event concerned it so far.
    if subscription.ending is None:
        yield heartbeat(subscription.start)
    while subscription.ending is None:
        news = await subscription.next(HEARTBEAT)
        if subscription.ending is None:
            yield news or heartbeat(subscription.heard)
    yield subscription.ending.message


async def _missed(subscription: Subscription, last: int) -> AsyncGenerator[Message, None]:
    """What the client missed before its place in the feed began; page by page, as fast as it reads."""
    while subscription.ending is None:
        try:
            page = await log.between(subscription.user, last, subscription.position, subscription.missing)
        except DatabaseError:
            _log.exception("the database does not answer; a stream that was to be resumed ends")
            subscription.end(Ending.FAILED)
            return
        for event in page:
            yield Message("ticket", event.data, event.id)
        if len(page) < log.PAGE:
            return
        last = page[-1].id
