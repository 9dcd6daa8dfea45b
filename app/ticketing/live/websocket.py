"""The feed over a WebSocket (RFC 6455): the same messages, each as JSON in a text frame.

The client may send {"ping": …} and gets {"event": "pong", "data": …} with the same back: the round trip as
an application sees it, to be set beside that of ping. The protocol's own pings, which show whether the client
is still there, are the server's business.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import orjson

from ticketing.live import stream
from ticketing.live.endings import Ending
from ticketing.live.exchange import Exchange, Receive, Send
from ticketing.live.messages import Message
from ticketing.live.subscription import Subscription


async def serve(
    exchange: Exchange, subscription: Subscription, begin: stream.Resume, receive: Receive, send: Send
) -> None:
    """Accept the WebSocket, and send the stream until it ends or the client goes."""
    await send({"type": "websocket.accept", "headers": exchange.answer(101, {})})
    watcher = asyncio.create_task(_watch(receive, subscription))
    try:
        async with aclosing(stream.messages(subscription, begin)) as messages:
            async for message in messages:
                async with asyncio.timeout(stream.PATIENCE):
                    await send({"type": "websocket.send", "text": message.frame})
        ending = subscription.ending or Ending.FAILED
        await send({"type": "websocket.close", "code": ending.close_code, "reason": ending.code})
    finally:
        watcher.cancel()


async def _watch(receive: Receive, subscription: Subscription) -> None:
    """Answer what the client says, and end the stream when it has gone or talks nonsense."""
    while subscription.ending is None:
        received = await receive()
        if received["type"] == "websocket.receive":
            _answer(received.get("text"), subscription)
        elif received["type"] == "websocket.disconnect":
            subscription.end(Ending.GONE)


def _answer(text: str | None, subscription: Subscription) -> None:
    try:
        said = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict) and said.keys() == {"ping"}:
        subscription.offer(Message("pong", orjson.dumps(said["ping"])))
    else:
        subscription.end(Ending.BAD_MESSAGE)
