"""What a process does in an open loop: deal arrivals, take them, both, or neither."""

from typing import Any
from weakref import WeakKeyDictionary

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

    def __init__(self, environment: Environment) -> None:
        self.generator: Generator | None = None  # never in a master
        self.dealer: Dealer | None = None  # never in a worker
        self._reports: dict[str, Figures] = {}  # the latest of each worker
        self._environment = environment

    def listen(self, runner: Runner) -> None:
        """Connect both sides, which are in one process if there are no workers."""
        if not isinstance(runner, MasterRunner):
            runner.register_message(PART, self._on_part)
        if not isinstance(runner, WorkerRunner):
            runner.register_message(READY, self._on_ready)
        events = self._environment.events
        for hook, listener in (
            (events.test_start, self._on_test_start),
            (events.spawning_complete, self._on_spawning_complete),
            (events.test_stopping, self._on_test_stopping),
            (events.report_to_master, self._on_report_to_master),
            (events.worker_report, self._on_worker_report),
        ):
            hook.add_listener(listener)  # type: ignore[no-untyped-call]

    def _on_test_start(self, **_: object) -> None:
        runner = self._environment.runner
        is_open = asks_for_rate(self._environment)
        self.dealer = Dealer(self._environment) if is_open and not isinstance(runner, WorkerRunner) else None
        self.generator = (
            Generator(self._environment) if is_open and not isinstance(runner, MasterRunner) else None
        )
        self._reports = {}

    def _on_spawning_complete(self, **_: object) -> None:
        if self.generator:
            self.generator.announce()

    def _on_ready(self, msg: Message, **_: object) -> None:
        if self.dealer:
            self.dealer.ready(msg.node_id, msg.data["users"])

    def _on_part(self, msg: Message, **_: object) -> None:
        if self.generator:
            self.generator.follow(msg.data)

    def _on_test_stopping(self, **_: object) -> None:
        # Before the users are told to stop.
        if self.dealer:
            self.dealer.end()
        if self.generator:
            self.generator.end()

    def _on_report_to_master(self, data: dict[str, Any], **_: object) -> None:
        if self.generator:
            data[REPORT] = self.generator.figures().report()

    def _on_worker_report(self, client_id: str, data: dict[str, Any], **_: object) -> None:
        if report := data.get(REPORT):
            self._reports[client_id] = Figures.read(report)

    def figures(self) -> Figures:
        """Return the figures of all generators."""
        own = self.generator.figures() if self.generator else Figures()
        return sum(self._reports.values(), start=own)


_loops: WeakKeyDictionary[Environment, OpenLoop] = WeakKeyDictionary()


def watch(events: Events) -> None:
    """Have every run with a --rate be an open loop."""
    events.init.add_listener(_begin)  # type: ignore[no-untyped-call]


def _begin(environment: Environment, runner: Runner, **_: object) -> None:
    _loops[environment] = OpenLoop(environment)
    _loops[environment].listen(runner)
    options = environment.parsed_options
    if options and options.headless and asks_for_rate(environment) and not environment.shape_class:
        keep_time(environment)


def asks_for_rate(environment: Environment) -> bool:
    """Say whether the run is an open loop."""
    return bool(environment.parsed_options and environment.parsed_options.rate)


def keep_time(environment: Environment) -> None:
    """Give a run without a shape one that only ends it.

    Locust's own --run-time would include the time in which users come and log in, before the first arrival.
    """
    from shapes.steady import Steady  # here, since it builds on this package

    environment.shape_class = Steady()  # type: ignore[no-untyped-call]
    environment.shape_class.runner = environment.runner


def enlist(user: Worker, environment: Environment) -> None:
    """Have a new user take arrivals if the run is an open loop."""
    if generator := _loops[environment].generator:
        generator.enlist(user)


def outcome(environment: Environment) -> dict[str, Any] | None:
    """Return how far the generators kept to the schedule; None if the run is no open loop."""
    loop = _loops[environment]
    return loop.figures().outcome() if loop.dealer else None


def complaint(environment: Environment) -> str | None:
    """Say that the rate was more than the generators can produce; None if it was not."""
    loop = _loops[environment]
    return shortfall(loop.figures(), loop.dealer.seconds, loop.dealer.generators) if loop.dealer else None
