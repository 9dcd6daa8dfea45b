"""One generating process's side of an open loop: its users get ready, then take its part of the arrivals."""

import time
from typing import Any, Protocol

import gevent  # type: ignore[import-untyped]
from locust.env import Environment

from common.openloop.arrivals import Load, Part, schedule
from common.openloop.figures import Figures
from common.openloop.pool import Arriving, Pool

READY = "open loop: my users are ready"  # the message to whoever deals the arrivals
LOOK_SECONDS = 0.05  # how often it looks whether they are
# A worker that comes later hears that all users are there before it has its own; one may never get any.
PATIENCE_SECONDS = 2.0


class NotStartedError(Exception):
    """An arrival that no user had taken when the run ended."""


class Worker(Arriving, Protocol):
    """As much of a LabUser as is used here."""

    wait_time: Any

    def get_ready(self) -> None: ...  # noqa: D102


def no_pause() -> float:
    """Return what a user thinks before being free again: nothing, since the schedule has all the pauses."""
    return 0.0


class Generator:
    """The users of this process in one run, and what comes of the arrivals dealt to them."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._pool = Pool()
        self._began: float | None = None
        self._unstarted = 0
        self._announcer: gevent.Greenlet | None = None

    def enlist(self, user: Worker) -> None:
        """Have a new user get ready, and from then on take one arrival after the other."""

        def first(_user: Worker) -> None:
            user.tasks = [self._pool.take_one]
            user.get_ready()

        user.tasks = [first]
        user.wait_time = no_pause

    def announce(self) -> None:
        """Tell the dealer, once, when all users wait for arrivals."""
        self._announcer = self._announcer or gevent.spawn(self._announce)

    def _announce(self) -> None:
        gives_up_at = time.perf_counter() + PATIENCE_SECONDS
        while not self._is_ready() and not (self._users() == 0 and time.perf_counter() > gives_up_at):
            gevent.sleep(LOOK_SECONDS)
        assert self._environment.runner is not None  # noqa: S101 (it has users)
        self._environment.runner.send_message(READY, {"users": self._users()})

    def _is_ready(self) -> bool:
        return 0 < self._users() <= self._pool.idle

    def _users(self) -> int:
        return self._environment.runner.user_count if self._environment.runner else 0

    def follow(self, part: dict[str, Any]) -> None:
        """Take a part of the arrivals, in place of the one before, from now on."""
        after = part["elapsed"]
        if self._began is None:
            self._began = time.perf_counter() - after
        else:
            after = time.perf_counter() - self._began
        load = Load(part["rate"], part["seconds"], part["levels"])
        share = Part(part["index"], part["of"])
        self._pool.follow(schedule(part["kind"], load, share, part["seed"], after), self._began)

    def end(self) -> None:
        """Let no more arrivals come due, and count those that no user has taken as failures.

        Their time is how long they have waited: it would have been more.
        """
        if self._announcer:
            self._announcer.kill()
        for intended in self._pool.give_up():
            self._unstarted += 1
            self._environment.events.request.fire(  # type: ignore[no-untyped-call]
                request_type="",
                name="not started",
                response_time=(time.perf_counter() - intended) * 1000,
                response_length=0,
                response=None,
                context={},
                exception=NotStartedError("all users were busy until the end of the run"),
            )

    def figures(self) -> Figures:
        """Return what it has done so far."""
        pool = self._pool
        return Figures(pool.started, self._unstarted, pool.exhausted, pool.effort, pool.lags.copy())
