"""Whether a drill passed: the ledger first, then what was promised to clients. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

from lab.drills.ledger import Account
from lab.drills.model import Promise
from lab.drills.recovery import Seen
from lab.errors import ExitCode


@dataclass(frozen=True)
class Verdict:
    """The exit code, and what there is to say: the ledger's sentence first."""

    code: ExitCode
    says: tuple[str, ...]


def judge(account: Account, seen: Seen | None, promise: Promise, *, strained: bool) -> Verdict:
    """The verdict on a drill.

    A ledger that is not exact fails, whatever else. What was promised to clients and not kept fails too,
    unless the load generator itself was late: then their times are not measured (exit code 3).
    """
    if not account.exact:
        return Verdict(ExitCode.FAILED, (account.sentence,))
    if not account.acknowledged:
        return Verdict(ExitCode.UNMEASURED, (account.sentence,))
    counts, times = ([], []) if seen is None else (list(_counts(seen, promise)), list(_times(seen, promise)))
    if counts or (times and not strained):
        return Verdict(ExitCode.FAILED, (account.sentence, *counts, *times))
    if times:
        late = "the load generator was not on time itself; run the drill again on a VM with less to do"
        return Verdict(ExitCode.UNMEASURED, (account.sentence, *times, late))
    return Verdict(ExitCode.PASSED, (account.sentence,))


def _counts(seen: Seen, promise: Promise) -> Iterator[str]:
    if isnan(seen.back):
        yield "no request succeeded any more before the load ended"
    if promise.reads_failed is not None and not seen.share <= promise.reads_failed:
        most = f"more than the {promise.reads_failed:.1%} that were promised"
        yield f"{seen.reads_failed} of {seen.reads} reads failed ({seen.share:.2%}), {most}"


def _times(seen: Seen, promise: Promise) -> Iterator[str]:
    if promise.p99_back is None or seen.p99_back <= promise.p99_back:
        return
    if isnan(seen.normal):
        yield "there were too few reads before the failure to tell what is normal"
    else:
        took = "was not normal again" if isnan(seen.p99_back) else f"took {seen.p99_back:.1f} s"
        yield f"the reads' p99 {took}, and {promise.p99_back:g} s were promised"
