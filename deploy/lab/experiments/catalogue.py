"""Which experiments there are."""

from __future__ import annotations

from lab.errors import ExitCode, LabError
from lab.experiments.bandwidth import BANDWIDTH_SWEEP
from lab.experiments.cache import CACHE
from lab.experiments.capacity import REPLICAS, WORKERS
from lab.experiments.latency import LATENCY_SWEEP
from lab.experiments.loss import LOSS_SWEEP
from lab.experiments.model import Experiment
from lab.experiments.proxy import DIRECT_VS_PROXY

EXPERIMENTS = {
    one.name: one
    for one in (LATENCY_SWEEP, LOSS_SWEEP, BANDWIDTH_SWEEP, REPLICAS, WORKERS, DIRECT_VS_PROXY, CACHE)
}


def named(name: str) -> Experiment:
    """The experiment of this name; raises LabError (exit code 2) naming those that there are."""
    if name not in EXPERIMENTS:
        raise LabError(f"there is no experiment '{name}'; there are {', '.join(EXPERIMENTS)}", ExitCode.USAGE)
    return EXPERIMENTS[name]
