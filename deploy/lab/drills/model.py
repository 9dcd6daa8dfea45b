"""What a drill is: a part that dies under load, and what clients may notice of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

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
SAVED = 6.0  # seconds that a quick drill's end is shorter
NOTHING = Promise()  # it has none: clients wait until it is back


def _not_needed(_: Site) -> None:
    """Nothing to mend: the engine starts the host again by itself."""


def _as_it_is(_: Site) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Pace:
    """How much load there is: users, and seconds until all are there and until something breaks then."""

    users: int = 12  # a quarter of them writers
    spawned: float = 6.0
    before: float = 8.0


QUICK = Pace(users=8, spawned=4.0, before=2.0)


@dataclass(frozen=True)
class Drill:
    """A failure, and how it ends.

    hold: seconds from the failure to mending. after: seconds of load after that, in which the lab must have
    recovered. stage: what the lab must be like for it, and is no more afterwards. applies: raises LabError
    (exit code 2) in a lab without the part. cuts_load: the load does not outlive it, so that only its ledger
    is left.
    """

    name: str
    sentence: str
    hurt: Callable[[Site], None]
    mend: Callable[[Site], None] = _not_needed
    promise: Promise = NOTHING
    hold: float = 8.0
    after: float = 12.0
    stage: Callable[[Site], AbstractContextManager[None]] = _as_it_is
    applies: Callable[[Site], None] = _not_needed
    cuts_load: bool = False
    pace: Pace = Pace()

    def quick(self) -> Drill:
        """The same, shorter and with less load: too few reads to promise a p99 of."""
        return replace(
            self,
            hold=self.hold / 2,
            after=self.after - SAVED,  # what the lab needs to recover is still in it
            pace=QUICK,
            promise=replace(self.promise, p99_back=None),
        )
