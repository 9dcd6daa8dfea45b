"""What clients saw of a failure, worked out from requests that we made up."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from lab.drills import recovery
from lab.drills.ledger import compare
from lab.drills.model import SPARE
from lab.drills.recovery import Seen
from lab.drills.verdict import judge
from lab.errors import ExitCode
from lab.load.records import COLUMNS, NUMBERS, Records

FAILED_AT = 15.0
EVERY = 0.02  # seconds between two reads
END = 40.0


def reads(slow: tuple[float, float] = (0, 0), dead: tuple[float, float] = (0, 0)) -> Records:
    """Reads of 10 ms; those that were sent in one stretch take two seconds, those in another fail."""
    sent = np.arange(0.0, END, EVERY)
    columns = {
        name: np.full(len(sent), np.nan) if name in NUMBERS else np.full(len(sent), "", dtype=object)
        for name in COLUMNS
    }
    within = [(sent >= begin) & (sent < end) for begin, end in (slow, dead)]
    columns |= {"sent": sent, "intended": sent, "service_ms": np.where(within[0], 2000.0, 10.0)}
    columns["response_ms"] = columns["service_ms"]
    columns["method"] = np.full(len(sent), "GET", dtype=object)
    columns["name"] = np.full(len(sent), "/api/tickets/", dtype=object)
    columns["status"] = np.where(within[1], 502.0, 200.0)
    columns["error"] = np.where(within[1], "502 instead of 200", "").astype(object)
    return Records({"began": 0.0}, **columns)


def test_nothing_happened() -> None:
    seen = recovery.seen(reads(), FAILED_AT)
    assert (seen.reads, seen.reads_failed, seen.back, seen.p99_back) == (2000, 0, 0.0, 0.0)
    assert (seen.before, seen.normal, seen.kinds) == (10.0, 15.0, ())


def test_slow_reads_are_back_when_the_last_of_them_is() -> None:
    seen = recovery.seen(reads(slow=(FAILED_AT, FAILED_AT + 3)), FAILED_AT)
    assert seen.p99_back == pytest.approx(3.0)
    assert (seen.share, seen.back) == (0.0, 0.0)


def test_failed_reads_count_as_endless() -> None:
    seen = recovery.seen(reads(dead=(FAILED_AT, FAILED_AT + 2)), FAILED_AT)
    assert seen.p99_back == pytest.approx(2.0)
    assert seen.back == pytest.approx(2.01, abs=EVERY)
    assert (seen.reads_failed, seen.share) == (100, 0.05)
    (kind,) = seen.kinds
    assert (kind.status, kind.count, kind.error) == (502, 100, "502 instead of 200")
    assert kind.first == pytest.approx(0.01)


def test_what_never_comes_back_is_told() -> None:
    seen = recovery.seen(reads(dead=(FAILED_AT, END)), FAILED_AT)
    assert isnan(seen.back)
    assert isnan(seen.p99_back)
    assert (seen.document()["back"], seen.document()["p99_back"]) == (None, None)


def test_too_few_reads_tell_no_p99() -> None:
    rows = reads()
    few = rows.where(np.arange(len(rows)) % 20 == 0)
    assert isnan(recovery.seen(few, FAILED_AT).p99_back)


class TestVerdict:
    account = replace(compare({}, []), acknowledged=1)

    def code(self, seen: Seen, *, strained: bool = False) -> ExitCode:
        return judge(self.account, seen, SPARE, strained=strained).code

    def test_kept(self) -> None:
        assert self.code(recovery.seen(reads(slow=(FAILED_AT, FAILED_AT + 4)), FAILED_AT)) == ExitCode.PASSED

    def test_more_than_a_thousandth_failed(self) -> None:
        seen = recovery.seen(reads(dead=(FAILED_AT, FAILED_AT + 0.05)), FAILED_AT)
        assert seen.reads_failed == 3
        assert self.code(seen) == ExitCode.FAILED
        assert self.code(seen, strained=True) == ExitCode.FAILED  # that is counted, not timed

    def test_slow_for_too_long(self) -> None:
        seen = recovery.seen(reads(slow=(FAILED_AT, FAILED_AT + 6)), FAILED_AT)
        assert self.code(seen) == ExitCode.FAILED
        assert self.code(seen, strained=True) == ExitCode.UNMEASURED

    def test_never_back(self) -> None:
        assert self.code(recovery.seen(reads(dead=(FAILED_AT, END)), FAILED_AT)) == ExitCode.FAILED
