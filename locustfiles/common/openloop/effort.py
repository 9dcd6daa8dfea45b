"""How much of its time a load generator needed the processor for: at 1.0 it can do no more."""

from common.recording.strain import Clocks, between


class Effort:
    """The share of the time since its creation that this process ran or, on a busy machine, waited to run."""

    def __init__(self) -> None:
        self._began = Clocks.read()

    def share(self) -> float:
        """Return it, from 0 to about 1."""
        window = between(self._began, Clocks.read(), lag=0.0)
        return window.cpu + window.waited
