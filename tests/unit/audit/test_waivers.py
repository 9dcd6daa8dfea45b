"""What is borne, until when, and what is said of a waiver that is wrong."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from lab.audit import families, waivers
from lab.audit.model import Check, Finding, Level, Outcome, Verdict
from lab.audit.waivers import Waiver
from lab.errors import ExitCode, LabError

TODAY = datetime.date(2027, 3, 1)
CHECK: Check[object] = Check("X-1", Level.HIGH, "All is well", "why", "fix", "true", lambda _: ())
GOOD = """[[waiver]]
check = "X-1"
where = "app*"
reason = "the course wants it so"
expires = 2027-03-01
"""


def read(folder: Path, text: str) -> list[Waiver]:
    file = folder / "waivers.toml"
    file.write_text(text)
    return waivers.read(file)


def failed(*places: str) -> Outcome:
    return Outcome("x", CHECK, Verdict.FAILED, tuple(Finding(place, "it is open") for place in places))


def test_a_waived_finding_is_no_failure_and_keeps_its_reason(tmp_path: Path) -> None:
    outcome = waivers.apply(read(tmp_path, GOOD), failed("app1", "app2"))
    assert outcome.verdict is Verdict.WAIVED
    assert [finding.where for finding in outcome.waived] == ["app1", "app2"]
    assert outcome.reason == "app*: the course wants it so"


def test_what_no_waiver_names_is_a_failure_still(tmp_path: Path) -> None:
    outcome = waivers.apply(read(tmp_path, GOOD), failed("app1", "edge"))
    assert outcome.verdict is Verdict.FAILED
    assert [finding.where for finding in outcome.findings] == ["edge"]
    assert waivers.apply(read(tmp_path, GOOD.replace("X-1", "X-2")), failed("app1")) == failed("app1")


def test_what_could_not_be_measured_cannot_be_waived(tmp_path: Path) -> None:
    outcome = Outcome("x", CHECK, Verdict.UNMEASURED, reason="the lab is down")
    assert waivers.apply(read(tmp_path, GOOD), outcome) == outcome


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, False)])
def test_a_waiver_counts_to_its_last_day(days: int, counts: bool, tmp_path: Path) -> None:
    read_ = read(tmp_path, GOOD)
    today = TODAY + datetime.timedelta(days=days)
    assert bool(waivers.current(read_, today)) is counts
    expected = [] if counts else ["the waiver for X-1 at app* expired on 2027-03-01"]
    assert waivers.remarks(read_, {"X-1"}, today) == expected


def test_a_waiver_for_an_unknown_check_is_told(tmp_path: Path) -> None:
    said = waivers.remarks(read(tmp_path, GOOD), {"X-2"}, TODAY)
    assert said == ["the waiver for X-1 at app* is for no check that there is"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('reason = "the course wants it so"\n', "", "it needs 'reason'; write one, or take the waiver out"),
        ('"the course wants it so"', '" "', "reason = ' ' must be one text in quotes"),
        ("expires = 2027-03-01\n", "", "it needs 'expires'; write one, or take the waiver out"),
        ("2027-03-01", '"soon"', "expires = 'soon' must be a date without quotes, such as 2027-12-31"),
        ("where", "place", "'place' is no key; the keys are check, where, reason, expires"),
        ('"X-1"', "5.4", "check = 5.4 must be one text in quotes"),
    ],
)
def test_a_wrong_waiver_is_refused_in_one_sentence(old: str, new: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LabError) as refused:
        read(tmp_path, GOOD.replace(old, new))
    assert str(refused.value) == f"waivers.toml, waiver 1: {told}"
    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(("text", "told"), [("[[", "cannot be read"), ("[[waver]]\n", "'waver' is no key")])
def test_a_file_that_is_none_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LabError, match=told):
        read(tmp_path, text)


def test_the_shipped_waivers_are_for_checks_that_there_are() -> None:
    known = {check.id for family in families.load() for check in family.checks}
    assert {waiver.check for waiver in waivers.read()} <= known
