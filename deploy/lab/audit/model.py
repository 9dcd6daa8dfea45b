"""A check, a family of checks, and what came out of them.

A family first gathers evidence (all that touches the lab), then judges it (pure functions over that
evidence), so that a check is proved on planted evidence without a lab. What could not be gathered is
*unmeasured*, never passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Generic, TypeVar

from lab.errors import LabError
from lab.settings import Settings
from lab.topology import Topology

Evidence = TypeVar("Evidence")


class Level(IntEnum):
    """How bad it is if a check fails. INFO is worth knowing, and needs no waiver."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True)
class Finding:
    """One place where a check failed: `where` (a host, a file, an address) and what was seen there."""

    where: str
    seen: str


class UnmeasuredError(Exception):
    """What a check needed to see could not be seen; the text says what, and the command that mends it."""


@dataclass(frozen=True)
class Check(Generic[Evidence]):
    """One promise, and how to see whether it is kept.

    `judge` returns the places where it is not; it raises `UnmeasuredError` where the evidence does not say.
    """

    id: str  # CIS-5.4, HTTP-CSP, …: stable, since waivers name it
    level: Level
    title: str  # the promise, as a sentence that is true when the check passes
    why: str
    fix: str
    command: str  # what a reader can type to see it for themselves
    judge: Callable[[Evidence], Iterable[Finding]]


class Verdict(Enum):
    """What came out of a check."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True)
class Outcome:
    """A check's verdict; `findings` are those not waived, `reason` is of a waiver or of what hindered it."""

    family: str
    check: Check[object]
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Site:
    """The lab that is audited."""

    settings: Settings
    plan: Topology


@dataclass(frozen=True)
class Family(Generic[Evidence]):
    """Checks that share their evidence. `threat` is its heading in docs/threat-model.md, as an anchor.

    One that must be `alone` puts so much on the lab that others beside it would see that, and not the lab.
    """

    name: str
    threat: str
    gather: Callable[[Site], Evidence]
    checks: tuple[Check[Evidence], ...] = field(default_factory=tuple)
    alone: bool = False

    def run(self, site: Site) -> list[Outcome]:
        """Gather, then judge every check; a family whose evidence cannot be had is unmeasured as a whole."""
        try:
            evidence = self.gather(site)
        except (UnmeasuredError, LabError) as error:
            return [self._unmeasured(check, str(error)) for check in self.checks]
        except (
            OSError,
            ValueError,
            LookupError,
        ) as error:  # a tool did not say what it should
            return [self._unmeasured(check, f"{self.name}: {error!r}") for check in self.checks]
        return [self._judged(check, evidence) for check in self.checks]

    def judge(self, evidence: Evidence) -> list[Outcome]:
        """The outcomes for evidence that is there already: how the tests plant a weakness."""
        return [self._judged(check, evidence) for check in self.checks]

    def _judged(self, check: Check[Evidence], evidence: Evidence) -> Outcome:
        try:
            findings = tuple(check.judge(evidence))
        except UnmeasuredError as error:
            return self._unmeasured(check, str(error))
        verdict = Verdict.FAILED if findings else Verdict.PASSED
        return Outcome(self.name, check, verdict, findings)  # type: ignore[arg-type]  # judge is not called again

    def _unmeasured(self, check: Check[Evidence], why: str) -> Outcome:
        return Outcome(self.name, check, Verdict.UNMEASURED, reason=why)  # type: ignore[arg-type]
