"""A headless run that a signal ends has its end and its verdict all the same."""

import signal

import gevent  # type: ignore[import-untyped]
from locust.env import Environment


class Signals:
    """SIGINT, and SIGTERM where Locust has no handler for it, end the run; another SIGINT breaks that off.

    Left to itself Locust's master loses a KeyboardInterrupt that comes while it reads from a worker, and goes
    on until its time is up; and until a shape has ended SIGTERM kills Locust without a word.
    """

    def __init__(self) -> None:
        self._interrupts = None
        self._is_ending = False

    def heed(self, environment: Environment) -> None:
        """Begin; to be called when a run starts."""
        self._interrupts = gevent.signal_handler(signal.SIGINT, self._end, environment)
        if environment.shape_class:
            gevent.signal_handler(signal.SIGTERM, self._end, environment)

    def ending(self) -> None:
        """Note that the run ends, whoever ends it; to be called when its users are told to stop."""
        self._is_ending = True
        if self._interrupts is not None:
            self._interrupts.cancel()
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _end(self, environment: Environment) -> None:
        runner = environment.runner
        assert runner is not None  # noqa: S101 (a test has started)
        if self._is_ending:
            return
        if runner.shape_greenlet:
            runner.shape_greenlet.kill()  # Locust waits for it, and quits then
        else:
            runner.quit()
