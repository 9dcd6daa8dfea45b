"""What a generating process sees of its own requests and of itself, for the process that judges the run.

A worker sends it to the master with each of its reports; a process without workers hands it to itself.
"""

import socket
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import gevent  # type: ignore[import-untyped]
from locust.exception import CatchResponseError

from common.crew import Report, Sums
from common.gauge import Gauge
from common.phases import Parts, Phases, parts
from common.records import Answer, Request, line
from common.strain import Watch

LOCAL = "local"  # the id of a generator that is its own judge
NAP = 0.05  # seconds that the event loop is asked to sleep, to see how late it wakes
NAPS_A_SAMPLE = 2


class Spent(NamedTuple):
    """Seconds since some beginning."""

    cpu: float
    wall: float

    @classmethod
    def read(cls) -> "Spent":
        """Read the clocks of this process."""
        return cls(time.process_time(), time.perf_counter())


@dataclass(slots=True)
class Seen:
    """What was seen in one run."""

    worker: str = LOCAL
    recording: bool = False  # whether each request's line is kept
    lines: list[str] = field(default_factory=list)
    strains: list[tuple[float, str]] = field(default_factory=list)
    sums: Sums = field(default_factory=dict)
    requests: int = 0
    last_end: float = 0.0
    began: Spent = field(default_factory=Spent.read)
    ended: Spent | None = None

    def add(self, method: str, name: str, took: Parts) -> None:
        """Add a request to the sums."""
        sums = self.sums.get((method, name))
        if sums is None:
            sums = self.sums[method, name] = [0.0] * (1 + len(took))
        sums[0] += 1
        for place, part in enumerate(took, 1):
            sums[place] += part


class Generator:
    """One process's requests and strains in the run that is on."""

    def __init__(self) -> None:
        self.gauge = Gauge()
        self._watch = Watch()
        self._seen = Seen()
        self._pulse: gevent.Greenlet | None = None

    def begin(self, worker: str, *, recording: bool) -> None:
        """Begin a run under the id `worker`; lines are kept for the judge only if it is `recording`."""
        self.end()
        self._seen = Seen(worker, recording)
        self._watch.restart()
        self.gauge.restart()
        self._pulse = gevent.spawn(self._beat)

    def end(self) -> None:
        """End it, once its last request has ended."""
        if self._pulse is not None:
            self._pulse.kill(block=False)
            self._pulse = None
            self.gauge.sample()
            self._seen.ended = Spent.read()

    def report(self) -> Report:
        """Return what has come together, and keep only what counts from the start."""
        seen, now = self._seen, self._seen.ended or Spent.read()
        lines, seen.lines = "".join(seen.lines), []
        strains, seen.strains = seen.strains, []
        return Report(
            host=socket.gethostname(),
            lines=lines,
            samples=self.gauge.taken(),
            strains=strains,
            requests=seen.requests,
            last_end=seen.last_end,
            cpu=now.cpu - seen.began.cpu,
            wall=now.wall - seen.began.wall,
            sums=[(method, name, sums) for (method, name), sums in seen.sums.items()],
        )

    def on_request(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float,
        response_length: int,
        exception: object,
        context: dict[str, Any] | None = None,
        start_time: float = 0.0,
        response: object = None,
        **_: object,
    ) -> None:
        """Record a request that ended, as Locust's statistics count it."""
        seen, context = self._seen, context or {}
        phases = context.get("phases") or Phases()
        service = response_time - phases.late_ms
        begun = start_time or time.time() - service / 1000
        seen.requests += 1
        seen.last_end = max(seen.last_end, begun + service / 1000)
        answer = Answer.read(response, response_length)
        connect = (phases.connect_ms or 0.0) + (phases.tls_ms or 0.0)
        seen.add(request_type, name, parts(service, connect, answer.told))
        if seen.recording:
            scenario = context.get("scenario", "")
            request = Request(begun, scenario, request_type, name, error_text(exception), service)
            seen.lines.append(line(request, answer, phases, seen.worker))

    def _beat(self) -> None:
        for nap in count(1):
            due = time.perf_counter() + NAP
            gevent.sleep(NAP)
            if strain := self._watch.woke(max(0.0, time.perf_counter() - due)):
                self._seen.strains.append((time.time(), strain))
            if nap % NAPS_A_SAMPLE == 0:
                self.gauge.sample()


def error_text(exception: object) -> str:
    """Return what failed, as Locust's statistics show it; nothing of a success."""
    if not exception:
        return ""
    return str(exception) if isinstance(exception, CatchResponseError | str) else repr(exception)
