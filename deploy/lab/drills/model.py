"""What a drill is: a part that dies under load, and what clients may notice of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.drills.site import Site

READS_FAILED = 0.001  # the promised share of failed reads, where another replica can answer
P99_BACK = 5.0  # the promised seconds until reads are as quick as before


@dataclass(frozen=True)
class Promise:
    """What clients may notice at most; None where nothing is promised.

    reads_failed: share of all requests that may be repeated (GET). p99_back: seconds from the failure until
    their p99 is normal. Whatever is promised, no acknowledged ticket may be missing, and none there twice.
    """

    reads_failed: float | None = None
    p99_back: float | None = None


SPARE = Promise(READS_FAILED, P99_BACK)  # the part has a twin
NOTHING = Promise()  # it has none: clients wait until it is back


def _not_needed(_: Site) -> None:
    """Nothing to mend: the engine starts the host again by itself."""


@dataclass(frozen=True)
class Drill:
    """A failure, and how it ends.

    hold: seconds from the failure to mending. after: seconds of load after that, in which the lab must have
    recovered. applies: raises LabError (exit code 2) in a lab without the part. cuts_load: the load does not
    outlive it, so that only its ledger is left.
    """

    name: str
    sentence: str
    hurt: Callable[[Site], None]
    mend: Callable[[Site], None] = _not_needed
    promise: Promise = NOTHING
    hold: float = 8.0
    after: float = 12.0
    applies: Callable[[Site], None] = _not_needed
    cuts_load: bool = False
