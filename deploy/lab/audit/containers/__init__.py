"""How the lab's containers are kept apart from the VM and from each other, as the engine tells it.

Ids are those of the CIS Docker Benchmark 1.3.1; from 1.6 on the benchmark counts one higher from 5.1 up.
"""

from __future__ import annotations

from lab.audit.containers import confinement, sharing, upkeep
from lab.audit.containers.evidence import Evidence, gather
from lab.audit.model import Check, Family


def _number(check: Check[Evidence]) -> tuple[int, ...]:
    """Its number in the benchmark; what is not from there comes last."""
    return tuple(map(int, check.id.removeprefix("CIS-").split("."))) if check.id[:4] == "CIS-" else (99,)


FAMILY = Family(
    name="containers",
    threat="containers",
    gather=gather,
    checks=tuple(sorted((*confinement.CHECKS, *sharing.CHECKS, *upkeep.CHECKS), key=_number)),
)
