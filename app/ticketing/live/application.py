"""The feed as an ASGI application: two addresses, and one for health checks."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound

from ticketing.live import sse, stream, websocket
from ticketing.live.admission import admit, check_host
from ticketing.live.endings import Ending
from ticketing.live.exchange import Exchange, Receive, Scope, Send, refuse, send_json
from ticketing.live.hub import Full, Hub
from ticketing.live.subscription import Subscription

SSE_PATH = "/api/live/"
WEBSOCKET_PATH = "/api/live/ws/"
HEALTH_PATH = "/healthz"

_log = logging.getLogger("live")


class UpgradeRequired(APIException):
    """Plain HTTP where a WebSocket is served."""

    status_code = 426
    default_code = "upgrade_required"
    default_detail = f"This address speaks WebSocket; GET {SSE_PATH} gives the same as Server-Sent Events."


class LiveApplication:
    """Serves the feed; its `hub` is told when the server stops."""

    def __init__(self) -> None:
        self.hub = Hub()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with a stream, or with JSON."""
        exchange = Exchange(scope)
        if exchange.websocket:
            await receive()  # "websocket.connect": the handshake, which is to be answered
        try:
            check_host(exchange)
            if exchange.path == HEALTH_PATH:
                await send_json(exchange, send, 200, {"status": "ok"})
                return
            _check_address(exchange)
            subscription, begin = await self._admit(exchange)
        except APIException as error:
            await refuse(exchange, send, error)
        except DatabaseError:
            _log.exception("the database does not answer")
            await refuse(exchange, send, Full("The database does not answer; try again shortly."))
        else:
            await self._serve(exchange, subscription, begin, receive, send)

    async def _admit(self, exchange: Exchange) -> tuple[Subscription, stream.Resume]:
        last = stream.last_event_id(exchange)
        caller = await admit(exchange)
        begin = await stream.resume(last)
        return await self.hub.join(caller, begin.after), begin

    async def _serve(
        self,
        exchange: Exchange,
        subscription: Subscription,
        begin: stream.Resume,
        receive: Receive,
        send: Send,
    ) -> None:
        transport = websocket if exchange.websocket else sse
        try:
            await transport.serve(exchange, subscription, begin, receive, send)
        except TimeoutError:
            subscription.end(Ending.TOO_SLOW)
        except OSError:  # what ASGI servers raise from `send` when the connection is lost
            subscription.end(Ending.GONE)
        finally:
            self.hub.leave(subscription)
            ending = subscription.end(Ending.FAILED)  # unless there is a reason already
            _log.info("stream of user %d ended: %s", subscription.user, ending.code)


def _check_address(exchange: Exchange) -> None:
    if exchange.path == WEBSOCKET_PATH and not exchange.websocket:
        raise UpgradeRequired
    if exchange.path != (WEBSOCKET_PATH if exchange.websocket else SSE_PATH):
        raise NotFound("There is nothing at this address; /api/ lists what there is.")
    if exchange.method != "GET":
        raise MethodNotAllowed(exchange.method)
