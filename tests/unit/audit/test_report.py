"""What an audit says and returns, for families made up here."""

from __future__ import annotations

import datetime
from typing import cast

import pytest

from lab.audit import families, runner, view
from lab.audit.model import Check, Family, Finding, Level, Site, UnmeasuredError
from lab.audit.waivers import Waiver
from lab.errors import ExitCode, LabError

TODAY = datetime.date(2027, 3, 1)
SITE = cast("Site", None)  # these families look at nothing


def check(id_: str, level: Level, *places: str) -> Check[None]:
    def judge(_: None) -> list[Finding]:
        return [Finding(place, "it is open") for place in places]

    return Check(id_, level, f"All is well with {id_}", "doors have locks", "lock it", "ls -l door", judge)


def unmeasured(id_: str, level: Level) -> Check[None]:
    def judge(_: None) -> list[Finding]:
        raise UnmeasuredError("the door is out of sight; run: make up")

    return Check(id_, level, f"All is well with {id_}", "why", "fix", "true", judge)


def audit(*checks: Check[None], waivers: tuple[Waiver, ...] = ()) -> runner.Report:
    family = Family("doors", "doors", lambda _: None, checks)
    return runner.run(SITE, [family], waivers, [family], TODAY)


def text(report: runner.Report, *, verbose: bool = False) -> list[str]:
    return [str(line) for line in view.lines(report, verbose=verbose)]


def test_a_passed_check_is_one_line_and_a_failed_one_tells_all() -> None:
    report = audit(check("D-1", Level.HIGH), check("D-2", Level.LOW, "edge"))
    assert text(report) == [
        "HIGH   D-1 All is well with D-1",
        "LOW    D-2 All is well with D-2: failed",
        "       edge: it is open",
        "       why: doors have locks",
        "       fix: lock it",
        "       try: ls -l door",
        "2 checks: 1 passed, 1 failed, in 0 s",
    ]


def test_verbose_tells_of_every_check_why_it_is_there() -> None:
    assert "       why: doors have locks" in text(audit(check("D-1", Level.HIGH)), verbose=True)


def test_a_waived_finding_shows_its_reason() -> None:
    waiver = Waiver("D-1", "*", "the key is lost", TODAY)
    report = audit(check("D-1", Level.HIGH, "edge"), waivers=(waiver,))
    assert text(report)[:2] == ["HIGH   D-1 All is well with D-1: waived", "       *: the key is lost"]
    assert report.code(Level.LOW) is ExitCode.PASSED


@pytest.mark.parametrize(
    ("checks", "fail_on", "code"),
    [
        ([check("D-1", Level.HIGH)], Level.LOW, ExitCode.PASSED),
        ([check("D-1", Level.LOW, "edge")], Level.LOW, ExitCode.FAILED),
        ([check("D-1", Level.LOW, "edge")], Level.HIGH, ExitCode.PASSED),
        ([check("D-1", Level.INFO, "edge")], Level.LOW, ExitCode.PASSED),
        ([check("D-1", Level.INFO, "edge")], Level.INFO, ExitCode.FAILED),
        ([unmeasured("D-1", Level.LOW)], Level.LOW, ExitCode.UNMEASURED),
        ([unmeasured("D-1", Level.LOW), check("D-2", Level.HIGH, "edge")], Level.LOW, ExitCode.UNMEASURED),
        ([unmeasured("D-1", Level.LOW)], Level.HIGH, ExitCode.PASSED),
    ],
)
def test_the_exit_code(checks: list[Check[None]], fail_on: Level, code: ExitCode) -> None:
    assert audit(*checks).code(fail_on) is code


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LabError("host client is not running; run: make up"), "host client is not running; run: make up"),
        (UnmeasuredError("there is no git here"), "there is no git here"),
        (KeyError("HostConfig"), "doors: KeyError('HostConfig')"),
    ],
)
def test_a_family_without_evidence_is_unmeasured_as_a_whole(error: Exception, told: str) -> None:
    def gather(_: Site) -> None:
        raise error

    family = Family("doors", "doors", gather, (check("D-1", Level.LOW), check("D-2", Level.LOW)))
    report = runner.run(SITE, [family], (), [family], TODAY)
    assert [outcome.reason for outcome in report.outcomes] == [told, told]
    assert report.code(Level.LOW) is ExitCode.UNMEASURED


def test_a_family_that_must_be_alone_runs_after_the_others_and_is_told_in_its_place() -> None:
    order: list[str] = []

    def family(name: str, *, alone: bool) -> Family[None]:
        return Family(name, name, lambda _: order.append(name), (check(name, Level.LOW),), alone)

    both = [family("flood", alone=True), family("doors", alone=False)]
    report = runner.run(SITE, both, (), both, TODAY)
    assert order == ["doors", "flood"]
    assert [outcome.check.id for outcome in report.outcomes] == ["flood", "doors"]


def test_as_json() -> None:
    (row,) = view.document(audit(check("D-1", Level.HIGH, "edge")))["checks"]
    assert row["id"] == "D-1"
    assert row["verdict"] == "failed"
    assert row["findings"] == [{"where": "edge", "seen": "it is open"}]


def test_an_unknown_family_is_refused_with_those_there_are() -> None:
    with pytest.raises(LabError, match="there is no family 'doors'") as refused:
        families.load(["doors"])
    assert refused.value.exit_code is ExitCode.USAGE
