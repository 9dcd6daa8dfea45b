"""`LabShape`, which every shape builds on: a level over the run, of the users or of the arrival rate."""

from abc import abstractmethod
from argparse import Namespace
from typing import ClassVar

from locust import LoadTestShape

SECONDS = 60  # how long a shape takes if no --run-time says so


class LabShape(LoadTestShape):
    """Follows `level` from 0 to 1, its peak being --users or, in an open loop, --rate, for --run-time.

    In an open loop the users stay: they are those who take the arrivals, and the time counts from the first.
    """

    abstract: ClassVar[bool] = True
    use_common_options: ClassVar[bool] = True
    moves: ClassVar[bool] = True  # whether the level is ever another than 1
    awaits_arrivals = False

    @staticmethod
    @abstractmethod
    def level(share: float) -> float:
        """Return the level, from 0 to 1, after this share of the run."""

    @property
    def seconds(self) -> float:
        """How long the run is to take."""
        return float(self._options.run_time or SECONDS)

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there are to be, and how many per second may come or go; None at the end."""
        share = 0.0 if self.awaits_arrivals else self._elapsed() / self.seconds
        if share >= 1:
            return None
        peak = self._options.num_users or 1
        if self._options.rate:
            return peak, self._options.spawn_rate or 1
        # Locust ticks about once a second, and begins no change before the last one is complete: so each is
        # made at once. The last user stays, since a level of 0 is a moment and not the end.
        return max(1, round(self.level(share) * peak)), peak

    def _elapsed(self) -> float:
        return float(self.get_run_time())  # type: ignore[no-untyped-call]

    @property
    def _options(self) -> Namespace:
        assert self.runner is not None  # noqa: S101 (Locust sets it before the first tick)
        options: Namespace | None = self.runner.environment.parsed_options
        assert options is not None  # noqa: S101 (Locust was started from a command line)
        return options
