"""`LabUser`, which every scenario builds on: one request at a time, counted once, judged by its answer."""

from collections.abc import Callable, Collection, Mapping
from time import perf_counter
from typing import Any, TypedDict, TypeVar, Unpack

import locust
from locust import FastHttpUser
from locust.contrib.fasthttp import ResponseContextManager
from locust.env import Environment
from locust.exception import RescheduleTask
from locust.user.task import LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING

from common import options, run, way, wire
from common.answers import AnswerError, Response, decoded
from common.openloop import loop
from common.recording.phases import Trace

T = TypeVar("T")

wire.make_honest()
options.watch(locust.events)
this_run = run.watch(locust.events)
loop.watch(locust.events, this_run.on_arrivals)
ways = way.Ways()


class Options(TypedDict, total=False):
    """What a request may carry, as `FastHttpSession.request` takes it."""

    json: Mapping[str, str | int]
    params: Mapping[str, str | int]
    headers: dict[str, str]
    data: Any  # bytes, or what has a length and can be read: Locust takes both, and declares neither
    files: Mapping[str, tuple[str, bytes, str]]  # of a form: field -> (file name, content, type)


class LabUser(FastHttpUser):
    """Somebody who sends requests to the lab, one at a time, on one kept-alive connection."""

    abstract = True
    concurrency = 1
    # A redirect would be two requests on the wire and one in the statistics.
    max_redirects = 0
    # Seconds. Short enough that a request into a silent firewall fails within the run (stop-timeout in
    # locust.conf), long enough for two lost SYNs (sent again after 1 and 3 s) and a satellite link.
    connection_timeout = 5.0
    network_timeout = 10.0
    default_headers = {"Accept": "application/json"}  # noqa: RUF012 (Locust declares it for instances)

    # When the next request was to begin (time.perf_counter), if a schedule said so.
    intended: float | None = None

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        # Entered for each request; by a scenario too, for what it sends on connections of its own.
        self.gauge = this_run.recorder.gauge
        self.trace = Trace()
        self._context = {"scenario": type(self).__name__, "trace": self.trace}
        self._take_way(environment)
        options.set_pace(self)
        loop.enlist(self)

    def _take_way(self, environment: Environment) -> None:
        agent = self.client.client
        # The API knows no cookies, and looking for them costs more than recording a request.
        agent.cookiejar = None
        agent.request_type = wire.PlainRequest  # type: ignore[misc] # of this user, in place of its class's
        own_way = ways.next(vars(environment.parsed_options), self.host or "", environment.runner)
        agent.clientpool = wire.HonestClients(self.trace, own_way, **agent.clientpool.client_args)
        if not own_way.keeps_alive:
            agent.default_headers["Connection"] = "close"

    @classmethod
    def prepare(cls) -> None:
        """Check that the scenario can run, once in each process, before anything is sent.

        Raises RefusedError if it cannot.
        """

    def context(self) -> dict[str, Any]:
        """Return what the record of a request needs beside Locust's own figures."""
        return self._context

    def get_ready(self) -> None:
        """Do what must be done once before the first task; before the first arrival, in an open loop."""

    def stop(self, force: bool = False) -> bool:
        """Let the user end the request under way, then stop; at once if there is none."""
        if self._state != LOCUST_STATE_WAITING:
            return bool(super().stop(force))
        # Locust kills a user who is only thinking. One whose time is up, but whose wake-up is still in the
        # event loop, would send a request first and be killed in the middle of it: sent and never counted.
        # Told to stop, it goes no further than its wake-up.
        self._state = LOCUST_STATE_STOPPING
        return bool(super().stop(force=True))

    def call(
        self,
        method: str,
        path: str,
        *,
        name: str,
        read: Callable[[Any], T],
        expected: int | Collection[int] = 200,
        **options: Unpack[Options],
    ) -> T:
        """Send one request and return what `read` makes of its JSON; `name` is its row in the statistics.

        `expected` says with which status, or with one of which. Otherwise as `send`.
        """
        return self.send(
            method, path, name=name, judge=lambda response: read(decoded(response, expected)), **options
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        name: str,
        judge: Callable[[Response], T],
        **options: Unpack[Options],
    ) -> T:
        """Send one request and return what `judge` makes of its answer, which it may refuse (AnswerError).

        A refused answer, or one of another form, counts as a failure and raises RescheduleTask: the task
        ends here, and the user pauses and goes on with the next one. An accepted refusal of the service (a
        429 that the scenario expects) is a success, in a row of its own: `name → 429`.
        """
        with self._answer(method, path, name=name, **options) as response:
            try:
                judged = judge(response)
            except AnswerError as error:
                response.failure(str(error))
            except (IndexError, KeyError, TypeError, ValueError) as error:
                response.failure(f"an answer of another form: {error!r}")
            else:
                if response.status_code >= 400:
                    response.request_meta["name"] = f"{name} → {response.status_code}"
                response.success()
                return judged
        raise RescheduleTask

    def post(self, path: str, body: Mapping[str, str], read: Callable[[Any], T]) -> T:
        """Post JSON to a path that is its own name in the statistics."""
        return self.call("POST", path, name=path, read=read, json=body)

    def _answer(self, method: str, path: str, **options: Any) -> ResponseContextManager:  # noqa: ANN401 - passed on
        intended, self.intended = self.intended, None
        begun = perf_counter()
        with self.gauge:
            response = self.client.request(method, path, catch_response=True, **options)
        response.encoding = "utf-8"  # as JSON is (RFC 8259); to look for it takes longer than to decode it
        if intended is not None:
            # A wait before the request is the user's wait too: it counts from when it should have begun.
            late = self.trace.phases.late_ms = (begun - intended) * 1000
            response.request_meta["response_time"] += late
        return response
