"""What a generating process has seen of a run, so far."""

import socket
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from common.recording.crew import Report, Sums
from common.recording.gauge import Sample
from common.recording.phases import Parts, Phases, parts, server_timing
from common.recording.records import Answer, Request, line

LOCAL = "local"  # the id of a generator that is its own judge


class Spent(NamedTuple):
    """Seconds since some beginning."""

    cpu: float
    wall: float

    @classmethod
    def now(cls) -> "Spent":
        """Read the clocks of this process."""
        return cls(time.process_time(), time.perf_counter())


@dataclass(slots=True)
class Seen:
    """Requests that ended, what they add up to, and what kept the generator from being on time."""

    worker: str = LOCAL
    recording: bool = False  # whether each request's line is kept
    pending: list[tuple[Request, Answer, Phases]] = field(default_factory=list)  # not looked into yet
    lines: list[str] = field(default_factory=list)
    strains: list[tuple[float, str]] = field(default_factory=list)
    sums: Sums = field(default_factory=dict)
    requests: int = 0
    last_end: float = 0.0  # epoch seconds
    began: Spent = field(default_factory=Spent.now)
    stopped: Spent | None = None

    def digest(self) -> None:
        """Look into the requests that ended since the last time.

        Done for many at once, this takes half as long as for each by itself between two turns of the event
        loop, when the processor has other things in its caches.
        """
        pending, self.pending = self.pending, []
        for request, answer, phases in pending:
            told = server_timing(answer.timing)
            connect = (phases.connect_ms or 0.0) + (phases.tls_ms or 0.0)
            self._add(request, parts(request.service_ms, connect, told))
            if self.recording:
                self.lines.append(line(request, answer, told, phases, self.worker))

    def _add(self, request: Request, took: Parts) -> None:
        self.requests += 1
        self.last_end = max(self.last_end, request.begun + request.service_ms / 1000)
        sums = self.sums.get((request.method, request.name))
        if sums is None:
            sums = self.sums[request.method, request.name] = [0.0] * (1 + len(took))
        sums[0] += 1
        for place, part in enumerate(took, 1):
            sums[place] += part

    def report(self, samples: list[Sample]) -> Report:
        """Return what has come together, and keep only what counts from the start."""
        self.digest()
        now = self.stopped or Spent.now()
        lines, self.lines = "".join(self.lines), []
        strains, self.strains = self.strains, []
        return Report(
            host=socket.gethostname(),
            lines=lines,
            samples=samples,
            strains=strains,
            requests=self.requests,
            last_end=self.last_end,
            cpu=now.cpu - self.began.cpu,
            wall=now.wall - self.began.wall,
            sums=[(method, name, sums) for (method, name), sums in self.sums.items()],
        )
