"""What a process does in an open loop: deal arrivals, take them, both, or neither."""

from collections.abc import Callable
from typing import Any

from locust.env import Environment
from locust.event import Events
from locust.rpc import Message
from locust.runners import MasterRunner, Runner, WorkerRunner

from common.openloop.dealer import PART, Dealer
from common.openloop.figures import Figures, shortfall
from common.openloop.generator import READY, Generator, Worker

REPORT = "open_loop"  # where a worker's figures are in its report to the master


class OpenLoop:
    """What this process does in the run under way: generate arrivals, deal them, both, or neither."""

    def __init__(self) -> None:
        self.generator: Generator | None = None  # never in a master
        self.dealer: Dealer | None = None  # never in a worker
        self.begun: Callable[[], None] | None = None  # called when the first arrival may come
        self._reports: dict[str, Figures] = {}  # the latest of each worker

    def on_init(self, environment: Environment, runner: Runner, **_: object) -> None:
        """Connect both sides, which are in one process if there are no workers."""
        if not isinstance(runner, MasterRunner):
            runner.register_message(PART, self._on_part)
        if not isinstance(runner, WorkerRunner):
            runner.register_message(READY, self._on_ready)
            keep_time(environment)

    def on_test_start(self, environment: Environment, **_: object) -> None:
        """Forget the last run. A worker that comes to one under way hears this before it has a runner."""
        is_open, options = asks_for_rate(environment), environment.parsed_options
        self.dealer = Dealer(environment, self.begun) if is_open and options and not options.worker else None
        self.generator = Generator(environment) if is_open and options and not options.master else None
        self._reports = {}

    def on_spawning_complete(self, **_: object) -> None:
        """Wait for the users to be ready, and say so."""
        if self.generator:
            self.generator.announce()

    def _on_ready(self, msg: Message, **_: object) -> None:
        if self.dealer:
            self.dealer.ready(msg.node_id, msg.data["users"])

    def _on_part(self, msg: Message, **_: object) -> None:
        if self.generator:
            self.generator.follow(msg.data)

    def on_test_stopping(self, **_: object) -> None:
        """End the arrivals, before the users are told to stop."""
        if self.dealer:
            self.dealer.end()
        if self.generator:
            self.generator.end()

    def on_report_to_master(self, data: dict[str, Any], **_: object) -> None:
        """Add this worker's figures to its report."""
        if self.generator:
            data[REPORT] = self.generator.figures().report()

    def on_worker_report(self, client_id: str, data: dict[str, Any], **_: object) -> None:
        """Keep a worker's figures."""
        if report := data.get(REPORT):
            self._reports[client_id] = Figures.read(report)

    def figures(self) -> Figures:
        """Return the figures of all generators."""
        own = self.generator.figures() if self.generator else Figures()
        return sum(self._reports.values(), start=own)


_here = OpenLoop()


def watch(events: Events, begun: Callable[[], None]) -> None:
    """Have every run of this process with a --rate be an open loop; `begun` is called as arrivals begin."""
    _here.begun = begun
    for hook, listener in (
        (events.init, _here.on_init),
        (events.test_start, _here.on_test_start),
        (events.spawning_complete, _here.on_spawning_complete),
        (events.test_stopping, _here.on_test_stopping),
        (events.report_to_master, _here.on_report_to_master),
        (events.worker_report, _here.on_worker_report),
    ):
        hook.add_listener(listener)  # type: ignore[no-untyped-call]


def asks_for_rate(environment: Environment) -> bool:
    """Say whether the run is an open loop."""
    return bool(environment.parsed_options and environment.parsed_options.rate)


def keep_time(environment: Environment) -> None:
    """Give a headless open loop without a shape one that only ends it.

    Locust's own --run-time would include the time in which users come and log in, before the first arrival.
    """
    options = environment.parsed_options
    if asks_for_rate(environment) and options and options.headless and not environment.shape_class:
        from shapes.steady import Steady  # here, since it builds on this package

        environment.shape_class = Steady()  # type: ignore[no-untyped-call]
        environment.shape_class.runner = environment.runner


def enlist(user: Worker) -> None:
    """Have a new user take arrivals if the run is an open loop."""
    if _here.generator:
        _here.generator.enlist(user)


def outcome(environment: Environment) -> dict[str, Any] | None:
    """Return how far all generators kept to the schedule; None if the run is no open loop."""
    return _here.figures().outcome() if asks_for_rate(environment) else None


def complaint() -> str | None:
    """Say that the rate was more than the generators can produce; None if it was not."""
    dealer = _here.dealer
    return shortfall(_here.figures(), dealer.seconds, dealer.generators) if dealer else None
