"""The load generators of a run, as their judge sees them: a process sees itself, a master its workers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypedDict

from common.recording.gauge import Sample, mean

Sums = dict[tuple[str, str], list[float]]  # by method and name: how many, and the sums of their parts in ms


class Report(TypedDict):
    """What the judge gets: lines, samples and strains since the last report, and all else since the start."""

    host: str
    lines: str  # of requests.csv
    samples: list[Sample]
    strains: list[tuple[float, str]]  # epoch seconds, and what kept the generator from being on time
    requests: int
    last_end: float  # epoch seconds; 0 before the first
    cpu: float  # seconds of processor time
    wall: float  # seconds
    sums: list[tuple[str, str, list[float]]]


@dataclass(slots=True)
class Member:
    """One generating process, by what it reported."""

    id: str
    host: str = ""
    cpu_share: float = 0.0  # of one core, the mean of the run
    requests: int = 0
    last_end: float = 0.0  # epoch seconds
    lost: bool = False
    samples: list[Sample] = field(default_factory=list)
    strains: list[tuple[float, str]] = field(default_factory=list)
    sums: Sums = field(default_factory=dict)

    def absorb(self, report: Report) -> None:
        """Add a report to those before."""
        self.host = report["host"]
        self.requests = report["requests"]
        self.last_end = report["last_end"]
        self.cpu_share = report["cpu"] / report["wall"] if report["wall"] else 0.0
        self.samples += report["samples"]
        self.strains += report["strains"]
        self.sums = {(method, name): list(sums) for method, name, sums in report["sums"]}


@dataclass(slots=True)
class Crew:
    """All who generated load in a run, also those that were lost."""

    members: dict[str, Member] = field(default_factory=dict)

    def join(self, member_id: str) -> Member:
        """Return the member with the id, who is new if nobody has it."""
        return self.members.setdefault(member_id, Member(member_id))

    def lose(self, ids: Iterable[str]) -> list[Member]:
        """Count those with the ids as lost, and return who was not before."""
        newly = [self.members[one] for one in ids if one in self.members and not self.members[one].lost]
        for member in newly:
            member.lost = True
        return newly

    @property
    def lost(self) -> int:
        """How many were lost."""
        return sum(member.lost for member in self.members.values())

    @property
    def strain(self) -> str:
        """What first kept one of them from being on time, as the end of a sentence; empty if nothing did."""
        strains = [strain for member in self.members.values() for strain in member.strains]
        return min(strains, default=(0.0, ""))[1]

    @property
    def last_end(self) -> float:
        """When the last request ended, in epoch seconds; 0 if none did."""
        return max((member.last_end for member in self.members.values()), default=0.0)

    def in_flight(self, begin: float, end: float) -> float:
        """Return the mean number of requests under way in all processes, between two epoch seconds."""
        return sum(mean(member.samples, begin, end) for member in self.members.values() if member.samples)

    def sums(self) -> Sums:
        """Return the sums of all members together."""
        total: Sums = {}
        for member in self.members.values():
            for key, sums in member.sums.items():
                before = total.get(key, [0.0] * len(sums))
                total[key] = [one + other for one, other in zip(before, sums, strict=True)]
        return total
