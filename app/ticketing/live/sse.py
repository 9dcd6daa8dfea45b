"""The feed as Server-Sent Events (HTML Living Standard, 9.2): an HTTP response that does not end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from ticketing.live import stream
from ticketing.live.endings import Ending
from ticketing.live.exchange import Exchange, Receive, Send
from ticketing.live.subscription import Subscription

# Milliseconds until a browser that lost the stream comes again.
RETRY = 2000
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # Nginx would collect for a slow client, in memory and then on disk, what the feed sends it away for.
    "X-Accel-Buffering": "no",
}


async def serve(
    exchange: Exchange, subscription: Subscription, begin: stream.Resume, receive: Receive, send: Send
) -> None:
    """Send the stream until it ends or the client goes."""
    watcher = asyncio.create_task(_watch(receive, subscription))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": exchange.answer(200, HEADERS)})
        await _body(send, b"retry: %d\n\n" % RETRY)
        async with aclosing(stream.messages(subscription, begin)) as messages:
            async for message in messages:
                await _body(send, message.event)
        await send({"type": "http.response.body", "body": b""})
    finally:
        watcher.cancel()


async def _body(send: Send, content: bytes) -> None:
    async with asyncio.timeout(stream.PATIENCE):
        await send({"type": "http.response.body", "body": content, "more_body": True})


async def _watch(receive: Receive, subscription: Subscription) -> None:
    """End the stream when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.end(Ending.GONE)
