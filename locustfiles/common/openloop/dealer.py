"""Deals the arrivals of an open loop to the generators: a master to its workers, a lone process to itself."""

import os
import secrets
import time
from collections.abc import Callable
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner

from common.openloop.arrivals import sampled
from common.shape import LabShape

SEED = "LAB_SEED"  # the same text gives the same arrivals
PART = "open loop: your part"  # the message to a generator
LOOK_SECONDS = 0.5  # how often the master looks whether it still has all its workers
ENDLESS = 1e9  # seconds: a run without a shape of ours goes on until Locust ends it


class Dealer:
    """Begins the arrivals of one run once all users are ready, and deals them anew when a worker is lost.

    A worker that comes later gets its part, too, as soon as its users are ready.
    """

    def __init__(self, environment: Environment, begun: Callable[[], None] | None) -> None:
        """`begun` is called as soon as the first arrival may come."""
        assert environment.runner is not None  # noqa: S101 (there is a run)
        self._runner = environment.runner
        self._begun = begun
        self._options: Any = environment.parsed_options
        self._shape = environment.shape_class if isinstance(environment.shape_class, LabShape) else None
        self._seed = os.environ.get(SEED) or secrets.token_hex(4)
        self._ready: dict[str, int] = {}  # how many users each generator has
        self._sharing: list[str] = []  # the generators that have a part
        self._began: float | None = None
        self._ended: float | None = None
        self._watch = gevent.spawn(self._look_often) if isinstance(self._runner, MasterRunner) else None
        if self._shape:
            self._shape.awaits_arrivals = True

    @property
    def seconds(self) -> float:
        """How long arrivals have come, or came."""
        now = time.perf_counter()
        return (self._ended or now) - (self._began or now)

    @property
    def generators(self) -> int:
        """How many generators share the arrivals."""
        return len(self._sharing)

    def ready(self, generator: str, users: int) -> None:
        """Note that the users of a generator wait for arrivals."""
        self._ready[generator] = users
        if self._ended is None:
            self._look()

    def end(self) -> None:
        """Deal no more."""
        self._ended = time.perf_counter()
        if self._shape:
            self._shape.awaits_arrivals = False
        if self._watch:
            self._watch.kill()

    def _look_often(self) -> None:
        while True:
            gevent.sleep(LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        present = self._present()
        if self._began is None:
            if not present <= self._ready.keys():
                return
            self._begin()
        sharing = sorted(one for one in present if self._ready.get(one))
        if sharing and sharing != self._sharing:
            self._deal(sharing)

    def _present(self) -> set[str]:
        if not isinstance(self._runner, MasterRunner):
            return set(self._ready)
        at_work = (STATE_SPAWNING, STATE_RUNNING)
        return {worker.id for worker in self._runner.clients.values() if worker.state in at_work}

    def _deal(self, sharing: list[str]) -> None:
        elapsed = self.seconds if self._sharing else 0.0
        self._sharing = sharing
        for index, generator in enumerate(sharing):
            part = {**self._load(), "index": index, "of": len(sharing), "elapsed": elapsed}
            self._runner.send_message(PART, part, client_id=generator)

    def _begin(self) -> None:
        self._began = time.perf_counter()
        if self._begun:
            self._begun()
        if self._shape:
            self._shape.awaits_arrivals = False
            self._shape.reset_time()  # type: ignore[no-untyped-call]

    def _load(self) -> dict[str, Any]:
        levels, seconds = (
            ([1.0], ENDLESS) if self._shape is None else (sampled(self._shape.level), self._shape.seconds)
        )
        return {
            "kind": self._options.arrivals,
            "seed": self._seed,
            "rate": self._options.rate,
            "seconds": seconds,
            "levels": levels,
        }
