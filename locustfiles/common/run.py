"""One run from start to verdict: refuses what must not start, and decides the exit code.

Locust decides that by failed requests alone. Here a run also fails that measured nothing, or itself.
Exit codes: 0 passed, 1 failed, 2 refused before anything was sent, or more asked than a generator can do.
"""

import logging
from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import locust.runners
import locust.stats
from locust.env import Environment
from locust.event import Events
from locust.runners import LocalRunner, MasterRunner, WorkerRunner
from locust.web import WebUI

from common import start
from common.openloop import loop
from common.recording import attendance, judge, live, summary
from common.recording.judge import Judge
from common.recording.recorder import Recorder
from common.recording.runfile import describe
from common.recording.seen import LOCAL
from common.report import Outcome, exit_code, fine_bucket, verdict
from common.signals import Signals

# Locust looks at the processor every 10 s, and its first look always says 0 %: it misses a short run.
CPU_LOOK_SECONDS = 2.0
# How often a worker tells the master what it did. Of one that is killed, no more than this is lost.
REPORT_SECONDS = 1.0
# Longer than any end takes beyond the requests under way: see attendance.py.
END_SECONDS = 10.0
# What Locust has seen if it warns of the processor.
FULL_CORE = "used more than 90 % of its processor core"
# What the master tells its workers beside the options: whether it wants the record of each request.
RECORDING = "lab_recording"


class Run:
    """The run that is on in this process, or the last one."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.judge = Judge()
        self._signals = Signals()
        self._tick: gevent.Greenlet | None = None
        self._is_on = False
        self._is_open = False
        self._is_over = gevent.event.Event()
        self._is_over.set()
        self._is_told = False

    def on_init(self, environment: Environment, web_ui: WebUI | None, **_: object) -> None:
        """Refuse what must not start; have the web UI show more than Locust's."""
        start.refuse_or_prepare(environment)
        if isinstance(environment.runner, WorkerRunner):
            # Listeners of `quitting` are called last come first: before Locust's own, which tells the master
            # that this worker is gone.
            environment.events.quitting.add_listener(self.on_worker_quitting)  # type: ignore[no-untyped-call]
        # Reading the scenarios took time in which gevent's clock stood still; a run of so many seconds would
        # be shorter by as much.
        gevent.get_hub().loop.update_now()
        if web_ui:
            start.guard(web_ui)
            live.show(web_ui, lambda: self.judge.crew.sums())

    def on_test_start(self, environment: Environment, **_: object) -> None:
        """Begin to count and to watch; in the process that judges, also to write."""
        self._is_on = True
        self._is_open = loop.asks_for_rate(environment)
        self._is_over.clear()
        if isinstance(environment.runner, WorkerRunner):
            recording = getattr(environment.parsed_options, RECORDING, False)
            self.recorder.begin(environment.runner.client_id, recording=recording)
        else:
            self._begin_judging(environment)

    def _begin_judging(self, environment: Environment) -> None:
        into = judge.folder() if is_judged(environment) else None
        self.judge = Judge(into)
        vars(environment.parsed_options)[RECORDING] = into is not None
        if isinstance(environment.runner, LocalRunner):
            self.recorder.begin(LOCAL, recording=into is not None)
        self._tick = gevent.spawn(self._tick_each_second, environment)
        if is_judged(environment):
            self._signals.heed(environment)

    def on_spawning_complete(self, **_: object) -> None:
        """Note that the users are all there; in an open loop they only get ready now."""
        self.recorder.gauge.sample()
        if not self._is_open:
            self.judge.all_there()

    def on_arrivals(self) -> None:
        """Note that the users of an open loop are all there and ready, and the first arrivals come."""
        self.judge.all_there()

    def on_test_stopping(self, **_: object) -> None:
        """Note that they are told to stop."""
        self._signals.ending()
        self.recorder.gauge.sample()
        self._is_on = False
        self.judge.stopping()

    def on_test_stop(self, environment: Environment, **_: object) -> None:
        """Wait for the workers' last requests. A master alone would leave after half a second.

        What is still under way then are the slowest requests of all, and those that will never be answered.
        """
        # Nothing here may yield without workers: who told the run to stop may be a user who is stopped by it.
        if self._tick is not None:
            self._tick.kill(block=False)
        self.recorder.end()
        if isinstance(environment.runner, LocalRunner):
            self.judge.absorb(LOCAL, self.recorder.report())
        elif isinstance(environment.runner, MasterRunner) and is_judged(environment):
            attendance.dismiss(environment.runner, self.judge, environment.stop_timeout or 0.0)
            # Whoever stopped the run quits now too, but for Locust itself when the last worker is lost: it
            # would stay until the time is up, or for ever.
            gevent.spawn(environment.runner.quit)
        self._is_over.set()

    def on_report_to_master(self, data: dict[str, Any], **_: object) -> None:
        """Add to a worker's report what the judge wants to know."""
        data["lab"] = self.recorder.report()

    def on_worker_report(self, client_id: str, data: dict[str, Any], **_: object) -> None:
        """Take a worker's report."""
        self.judge.absorb(client_id, data["lab"])

    def on_worker_quitting(self, environment: Environment, **_: object) -> None:
        """Let a worker that a signal ends in the middle of a run end its requests, and report them."""
        assert isinstance(environment.runner, WorkerRunner)  # noqa: S101 (or nobody would call this)
        if self._is_on:
            self._end(environment)
            environment.runner._send_stats()  # as it does when the master tells it to quit

    def on_quitting(self, environment: Environment, **_: object) -> None:
        """Say how the run went, and decide the exit code."""
        if not is_judged(environment):
            return
        self._end(environment)
        # A signal can bring Locust here twice: from its handler, and from its main loop.
        if not self._is_told:
            self._is_told = True
            self._tell(environment)

    def _end(self, environment: Environment) -> None:
        """Have users end their requests and stop, unless that is done, or being done: then wait for it."""
        assert environment.runner is not None  # noqa: S101 (locust quits only once it has one)
        if self._is_on:
            environment.runner.stop()
        self._is_over.wait((environment.stop_timeout or 0.0) + END_SECONDS)

    def _tell(self, environment: Environment) -> None:
        outcome = self._outcome(environment)
        environment.process_exit_code = exit_code(outcome)
        self.judge.write(describe(environment, self.judge, outcome, loop.outcome(environment)))
        # Locust is about to print its own tables, 200 columns wide and without fractions.
        logging.getLogger("locust.stats_logger").disabled = True
        print(*summary.lines(environment), verdict(outcome), sep="\n", flush=True)

    def _outcome(self, environment: Environment) -> Outcome:
        runner, total = environment.runner, environment.stats.total
        assert runner is not None  # noqa: S101 (locust quits only once it has one)
        locust_saw = runner.cpu_warning_emitted or runner.worker_cpu_warning_emitted
        return Outcome(
            requests=total.num_requests,
            failures=total.num_failures,
            exceptions=sum(exception["count"] for exception in runner.exceptions.values()),
            unproducible=loop.complaint() or "",
            strain=self.judge.crew.strain or (FULL_CORE if locust_saw else ""),
            workers_lost=self.judge.crew.lost,
            unwritten=self.judge.trouble,
        )

    def _tick_each_second(self, environment: Environment) -> None:
        runner = environment.runner
        assert runner is not None  # noqa: S101 (a test has started)
        while True:
            self.judge.tick(runner.user_count)
            if isinstance(runner, MasterRunner):
                attendance.look(runner, self.judge)
            else:
                self.judge.absorb(LOCAL, self.recorder.report())
            gevent.sleep(1)


def watch(events: Events) -> Run:
    """Put every run of this process under the rules above, and return what knows of it; once in a process."""
    locust.stats.bucket_response_time = fine_bucket  # type: ignore[assignment]
    locust.runners.CPU_MONITOR_INTERVAL = CPU_LOOK_SECONDS
    locust.runners.WORKER_REPORT_INTERVAL = REPORT_SECONDS
    this = Run()
    for hook, listener in (
        (events.init, this.on_init),
        (events.request, this.recorder.on_request),
        (events.test_start, this.on_test_start),
        (events.spawning_complete, this.on_spawning_complete),
        (events.test_stopping, this.on_test_stopping),
        (events.test_stop, this.on_test_stop),
        (events.report_to_master, this.on_report_to_master),
        (events.worker_report, this.on_worker_report),
        (events.quitting, this.on_quitting),
    ):
        hook.add_listener(listener)  # type: ignore[no-untyped-call]
    return this


def is_judged(environment: Environment) -> bool:
    """Say whether this process ends with a verdict: a worker has only its share, and a web UI no one run."""
    options = environment.parsed_options
    return bool(options and options.headless and not isinstance(environment.runner, WorkerRunner))
