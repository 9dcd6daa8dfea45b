"""One run from start to verdict: refuses what must not start, and decides the exit code.

Locust decides that by failed requests alone. Here a run also fails that measured nothing, or itself.
Exit codes: 0 passed, 1 failed, 2 refused before anything was sent, or more asked than a generator can do.
"""

import argparse
import logging
import sys
import time

import flask
import gevent  # type: ignore[import-untyped]
import locust.runners
import locust.stats
from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, WorkerRunner
from locust.stats import StatsEntry
from locust.web import WebUI

from common import options, targets
from common.openloop import loop
from common.refusal import RefusedError
from common.report import Error, Outcome, Row, fine_bucket, reasons_to_fail, table, verdict

# Locust looks at the processor every 10 s, and its first look always says 0 %: it misses a short run.
CPU_LOOK_SECONDS = 2.0
# How long a worker may take to report, once its last request has ended.
FAREWELL_SECONDS = 5.0


class Run:
    """What this process knows about the run that its statistics do not tell."""

    def __init__(self) -> None:
        self._workers_at_start = 0
        self._workers_lost = 0

    def on_init(self, environment: Environment, web_ui: WebUI | None, **_: object) -> None:
        """Refuse a wrong target or a scenario that is not ready: says why, and exits with 2."""
        try:
            options.check(vars(environment.parsed_options or argparse.Namespace()))
            check_targets(environment)
            for user_class in environment.user_classes:
                if prepare := getattr(user_class, "prepare", None):
                    prepare()
        except RefusedError as refusal:
            print(refusal, file=sys.stderr)
            sys.exit(2)
        if web_ui:
            guard(web_ui)

    def on_test_start(self, environment: Environment, **_: object) -> None:
        """Count the workers."""
        self._workers_at_start = worker_count(environment)
        self._workers_lost = 0

    def on_test_stopping(self, environment: Environment, **_: object) -> None:
        """Count them again, before they are told to stop."""
        self._workers_lost = max(0, self._workers_at_start - worker_count(environment))

    def on_test_stop(self, environment: Environment, **_: object) -> None:
        """Wait for the workers' last requests. A master alone would leave after half a second.

        What is still under way then are the slowest requests of all, and those that will never be answered.
        """
        if not is_judged(environment) or not isinstance(environment.runner, MasterRunner):
            return
        environment.runner.send_message("quit")
        deadline = time.monotonic() + environment.stop_timeout + FAREWELL_SECONDS
        while environment.runner.worker_count and time.monotonic() < deadline:
            gevent.sleep(0.1)

    def on_quitting(self, environment: Environment, **_: object) -> None:
        """Say how the run went, and decide the exit code."""
        if is_judged(environment):
            unproducible = loop.complaint(environment)
            failed = bool(reasons_to_fail(self._outcome(environment)))
            environment.process_exit_code = 2 if unproducible else int(failed)
            # Locust is about to print its own tables, 200 columns wide and without fractions.
            logging.getLogger("locust.stats_logger").disabled = True
            last_line = f"FAILED: {unproducible}" if unproducible else verdict(self._outcome(environment))
            print(*summary(environment), last_line, sep="\n", flush=True)

    def _outcome(self, environment: Environment) -> Outcome:
        runner, total = environment.runner, environment.stats.total
        assert runner is not None  # noqa: S101 (locust quits only once it has one)
        return Outcome(
            requests=total.num_requests,
            failures=total.num_failures,
            exceptions=sum(exception["count"] for exception in runner.exceptions.values()),
            saturated=runner.cpu_warning_emitted or runner.worker_cpu_warning_emitted,
            workers_lost=self._workers_lost,
        )


def watch(events: Events) -> None:
    """Put every run of this process under the rules above; once, however many scenarios are loaded."""
    if locust.stats.bucket_response_time is fine_bucket:
        return
    locust.stats.bucket_response_time = fine_bucket  # type: ignore[assignment]
    locust.runners.CPU_MONITOR_INTERVAL = CPU_LOOK_SECONDS
    this = Run()
    for hook, listener in (
        (events.init, this.on_init),
        (events.test_start, this.on_test_start),
        (events.test_stopping, this.on_test_stopping),
        (events.test_stop, this.on_test_stop),
        (events.quitting, this.on_quitting),
    ):
        hook.add_listener(listener)  # type: ignore[no-untyped-call]


def is_judged(environment: Environment) -> bool:
    """Say whether this process ends with a verdict: a worker has only its share, and a web UI no one run."""
    options = environment.parsed_options
    return bool(options and options.headless and not isinstance(environment.runner, WorkerRunner))


def worker_count(environment: Environment) -> int:
    """Return how many workers the master sees; 0 in any other process."""
    return environment.runner.worker_count if isinstance(environment.runner, MasterRunner) else 0


def check_targets(environment: Environment) -> None:
    """Raise RefusedError if the host asked for, or one that a scenario names itself, is not the lab's."""
    for host in [environment.host] if environment.host else [user.host for user in environment.user_classes]:
        if host:  # without any, Locust itself says so
            targets.check_url(host)


def guard(web_ui: WebUI) -> None:
    """Have the web UI refuse a run against another host, since anyone who can reach it can ask for one.

    And one with options that cannot be: Locust takes whatever the form says.
    """
    assert web_ui.app is not None  # noqa: S101 (made in its constructor)

    @web_ui.app.before_request
    def refuse() -> flask.Response | None:
        try:
            options.check(flask.request.form)
            if host := flask.request.form.get("host"):
                targets.check_url(host)
        except RefusedError as refusal:
            return flask.jsonify({"success": False, "message": str(refusal)})
        return None


def summary(environment: Environment) -> list[str]:
    """Return the table of a run, and its failures by kind."""
    stats = environment.stats
    rows = [row(stats.entries[key]) for key in sorted(stats.entries)]
    errors = [Error(error.occurrences, error.to_name()) for error in stats.errors.values()]
    return list(table(rows, row(stats.total), errors))


def row(entry: StatsEntry) -> Row:
    """Return what the table shows of one entry of Locust's statistics."""
    return Row(
        method=entry.method or "",
        name=entry.name,
        requests=entry.num_requests,
        failures=entry.num_failures,
        rate=entry.total_rps,
        median=entry.get_response_time_percentile(0.5),
        p95=entry.get_response_time_percentile(0.95),
        p99=entry.get_response_time_percentile(0.99),
    )
