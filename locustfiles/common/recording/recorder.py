"""What a generating process sees of its own requests and of itself, for the process that judges the run.

A worker sends it to the master with each of its reports; a process without workers hands it to itself.
"""

import time
from itertools import count
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust.exception import CatchResponseError

from common.recording.crew import Report
from common.recording.gauge import Gauge
from common.recording.phases import Phases, Trace
from common.recording.records import Answer, Request
from common.recording.seen import Seen, Spent
from common.recording.strain import Watch

NAP = 0.05  # seconds that the event loop is asked to sleep, to see how late it wakes
NAPS_A_SAMPLE = 2


class Recorder:
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
            self._seen.stopped = Spent.now()

    def report(self) -> Report:
        """Return what has come together since the last report."""
        return self._seen.report(self.gauge.taken())

    def on_request(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float,
        response_length: int,
        exception: object,
        context: dict[str, Any],
        start_time: float | None = None,
        response: object = None,
        **_: object,
    ) -> None:
        """Note a request that ended, as Locust's statistics count it."""
        trace: Trace | None = context.get("trace")  # none of a request that no LabUser sent
        phases = trace.phases if trace else Phases()
        error = error_text(exception) if exception else ""
        service = response_time - phases.late_ms
        begun = time.time() - service / 1000 if start_time is None else start_time
        request = Request(begun, context.get("scenario", ""), request_type, name, error, service)
        # Not the response itself: kept, it would cost the processor more than all that is read from it.
        self._seen.pending.append((request, Answer.read(response, response_length), phases))

    def _beat(self) -> None:
        for nap in count(1):
            due = time.perf_counter() + NAP
            gevent.sleep(NAP)
            lag = max(0.0, time.perf_counter() - due)
            self._seen.digest()
            if strain := self._watch.woke(lag):
                self._seen.strains.append((time.time(), strain))
            if nap % NAPS_A_SAMPLE == 0:
                self.gauge.sample()


def error_text(exception: object) -> str:
    """Return what failed, as Locust's statistics show it."""
    return str(exception) if isinstance(exception, CatchResponseError | str) else repr(exception)
