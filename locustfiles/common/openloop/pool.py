"""One generating process in an open loop: arrivals that come due by a schedule, and users who take them."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

import gevent  # type: ignore[import-untyped]
from gevent.queue import SimpleQueue  # type: ignore[import-untyped]
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_WAITING

from common.openloop.effort import Effort
from common.report import fine_bucket

# An arrival that has waited this many seconds for a user to come free has found all of them busy; less is
# only the moment between two tasks.
PATIENCE = 0.001


class Arriving(Protocol):
    """As much of a LabUser as is used here."""

    intended: float | None
    _state: str | None
    tasks: list[Any]


class Pool:
    """The simulated users of this process, each of whom does one task for one arrival at a time.

    Times are those of `time.perf_counter`, in seconds.
    """

    def __init__(self) -> None:
        self.idle = 0  # users who wait for an arrival
        self.started = 0
        self.exhausted = False  # an arrival found every user busy
        self.lags: Counter[float] = Counter()  # by milliseconds, rounded as `fine_bucket` does
        self.effort = 0.0  # see Effort; of the time from the first arrival on
        self._due: SimpleQueue = SimpleQueue()  # intended starts that no user has taken yet
        self._dispatcher: gevent.Greenlet | None = None
        self._schedule: Iterator[float] = iter(())
        self._began = 0.0
        self._effort: Effort | None = None
        self._next: float | None = None

    def take_one(self, user: Arriving) -> None:
        """Wait for an arrival and do a task for it, picked by the scenario's own weights."""
        user.intended = self._take(user)
        task = random.choice(type(user).tasks)  # noqa: S311 (it makes load, not secrets)
        task(user)

    def _take(self, user: Arriving) -> float:
        free_since = time.perf_counter()
        user._state = LOCUST_STATE_WAITING  # Locust may end the user at once
        self.idle += 1
        try:
            intended: float = self._due.get()
        finally:
            self.idle -= 1
        user._state = LOCUST_STATE_RUNNING
        self._note(intended, free_since)
        return intended

    def _note(self, intended: float, free_since: float) -> None:
        self.started += 1
        self.exhausted |= free_since > intended + PATIENCE
        # What a busy server made the arrival wait is not the generator's fault.
        lag = time.perf_counter() - max(intended, free_since)
        self.lags[fine_bucket(lag * 1000)] += 1

    def follow(self, schedule: Iterator[float], began: float) -> None:
        """Let arrivals come due by the schedule, in seconds since `began`; what is due already stays due."""
        self.halt()
        self._effort = self._effort or Effort()
        self._schedule, self._began = schedule, began
        self._next = next(schedule, None)
        self._dispatcher = gevent.spawn(self._dispatch)

    def _dispatch(self) -> None:
        while self._next is not None:
            gevent.sleep(max(0.0, self._began + self._next - time.perf_counter()))
            self._put_due()

    def _put_due(self) -> None:
        now = time.perf_counter() - self._began
        while self._next is not None and self._next <= now:
            self._due.put(self._began + self._next)
            self._next = next(self._schedule, None)

    def halt(self) -> None:
        """Let no more arrivals come due than are by now."""
        if self._dispatcher:
            self._dispatcher.kill()
            self._put_due()
            self._dispatcher = None

    def give_up(self) -> Iterator[float]:
        """Let no more arrivals come due; yield the intended starts of those that found no user until now."""
        self.halt()
        if self._effort:
            self.effort = self._effort.share()
        while self.idle and not self._due.empty():
            gevent.sleep(0)  # what came due this very moment is being taken
        while not self._due.empty():
            self.exhausted = True
            yield self._due.get()
