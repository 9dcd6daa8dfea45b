"""The ledger of a drill held against the tickets that are there: is one missing, is one there twice? Pure.

The lines are written by the writers themselves (locustfiles/common/ledger.py), the tickets are read by
somebody else (`lab.drills.tickets`), so neither side can hide the other's mistake.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lab.errors import ExitCode, LabError


@dataclass
class Entry:
    """One ticket that a writer wanted filed, and what they were told; times in epoch seconds."""

    marker: str
    intended: float
    acknowledged: list[int] = field(default_factory=list)  # the ids that they were told
    known: float | None = None  # when they were first told
    unknown: list[float] = field(default_factory=list)  # when an answer was lost, or was an error of 5xx
    refused: bool = False


@dataclass(frozen=True)
class Ticket:
    """A ticket in the database, as far as it matters here."""

    id: int
    marker: str


@dataclass(frozen=True)
class Account:
    """What the comparison found; the lists are of markers.

    lost_answers: answers that never came or were an error, of which the writer could not know what became.
    open: tickets that were never acknowledged and may be there once or not. The rest must be empty: missing
    (acknowledged and not there), twice, others (there under another id than was acknowledged), refused
    (refused, and there), strangers (there, and in no ledger).
    """

    intended: int
    acknowledged: int
    lost_answers: int
    settled: int  # tickets with a lost answer that a retry cleared up
    open: int
    open_there: int
    tickets: int
    missing: Sequence[str]
    twice: Sequence[str]
    others: Sequence[str]
    refused: Sequence[str]
    strangers: Sequence[str]

    @property
    def exact(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.missing or self.twice or self.others or self.refused or self.strangers)

    @property
    def sentence(self) -> str:
        """What is wrong, or that nothing is."""
        wrong = (
            ("acknowledged and missing", self.missing),
            ("there twice", self.twice),
            ("there under another id than was acknowledged", self.others),
            ("refused and there all the same", self.refused),
            ("there and in no ledger", self.strangers),
        )
        said = [f"{len(found)} {words} (such as {found[0]})" for words, found in wrong if found]
        if said:
            return f"the ledger is not exact: {'; '.join(said)}"
        once = f"all {self.acknowledged:,} acknowledged tickets are there, each once"
        return f"the ledger is exact: {once}" if self.acknowledged else "no ticket was acknowledged"


def read(lines: Iterable[str]) -> dict[str, Entry]:
    """The entries by marker; a last line that was not written to its end is left out.

    Raises LabError (exit code 3) for what is no ledger.
    """
    entries: dict[str, Entry] = {}
    for number, line in enumerate((line for line in lines if line.endswith("\n")), 1):
        try:
            _note(entries, json.loads(line))
        except (KeyError, TypeError, ValueError) as error:
            said = f"line {number} of the ledger is none of a ledger's ({error!r}); run the drill again"
            raise LabError(said, ExitCode.UNMEASURED) from None
    return entries


def _note(entries: dict[str, Entry], line: Mapping[str, object]) -> None:
    marker, at, did = str(line["marker"]), float(str(line["at"])), line["did"]
    if did == "intend":
        entries[marker] = Entry(marker, at)
        return
    entry = entries[marker]
    if did == "acknowledged":
        entry.acknowledged.append(int(str(line["ticket"])))
        entry.known = at if entry.known is None else entry.known
    elif did == "unknown":
        entry.unknown.append(at)
    elif did == "refused":
        entry.refused = True
    else:
        raise ValueError(did)


def compare(entries: Mapping[str, Entry], tickets: Iterable[Ticket], *, whole: bool = True) -> Account:
    """Hold the entries against the tickets that carry the run's name.

    whole: whether the ledger has every line; else tickets that it does not know yet are no strangers (the
    load goes on, and the tickets were read later).
    """
    there: dict[str, set[int]] = defaultdict(set)
    for ticket in tickets:
        there[ticket.marker].add(ticket.id)
    told = [entry for entry in entries.values() if entry.acknowledged]
    untold = [entry for entry in entries.values() if not entry.acknowledged]
    unsure = [entry for entry in untold if entry.unknown or not entry.refused]
    return Account(
        intended=len(entries),
        acknowledged=len(told),
        lost_answers=sum(len(entry.unknown) for entry in entries.values()),
        settled=sum(bool(entry.unknown) for entry in told),
        open=len(unsure),
        open_there=sum(entry.marker in there for entry in unsure),
        tickets=sum(len(ids) for ids in there.values()),
        missing=[entry.marker for entry in told if entry.marker not in there],
        twice=sorted(marker for marker, ids in there.items() if len(ids) > 1),
        others=[entry.marker for entry in told if there.get(entry.marker, set()) - set(entry.acknowledged)
                or len(set(entry.acknowledged)) > 1],
        refused=[entry.marker for entry in untold if entry not in unsure and entry.marker in there],
        strangers=sorted(there.keys() - entries.keys()) if whole else [],
    )  # fmt: skip
