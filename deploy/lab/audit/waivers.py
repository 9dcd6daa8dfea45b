"""waivers.toml: findings that are known and borne, each with a reason and the day it is looked at again."""

from __future__ import annotations

import dataclasses
import datetime
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn

from lab import paths
from lab.audit.model import Finding, Outcome, Verdict
from lab.errors import ExitCode, LabError

FILE = paths.ROOT / "deploy/audit/waivers.toml"
KEYS = ("check", "where", "reason", "expires")


@dataclass(frozen=True)
class Waiver:
    """Findings of one check at places that match `where` (a glob) are borne until the day `expires`."""

    check: str
    where: str
    reason: str
    expires: datetime.date

    def covers(self, check: str, finding: Finding) -> bool:
        """Whether it is about this finding."""
        return check == self.check and fnmatchcase(finding.where, self.where)


def read(file: Path = FILE) -> list[Waiver]:
    """The file's waivers; raises LabError (exit code 2) that names entry, key and mend if one is wrong."""
    try:
        document = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{file.name} cannot be read: {error}; mend it there", ExitCode.USAGE) from error
    for key in document.keys() - {"waiver"}:
        _refuse(file.name, f"'{key}' is no key; each waiver is a [[waiver]]")
    entries = document.get("waiver", [])
    return [_waiver(entry, f"{file.name}, waiver {number}") for number, entry in enumerate(entries, 1)]


def current(waivers: Iterable[Waiver], today: datetime.date) -> list[Waiver]:
    """Those that still count: a waiver's last day is the day it expires."""
    return [waiver for waiver in waivers if waiver.expires >= today]


def remarks(waivers: Iterable[Waiver], known: Collection[str], today: datetime.date) -> list[str]:
    """What is wrong with waivers that are well written: they have expired, or are for no check there is."""
    said = []
    for waiver in waivers:
        if waiver.check not in known:
            said.append(f"the waiver for {waiver.check} at {waiver.where} is for no check that there is")
        elif waiver.expires < today:
            said.append(f"the waiver for {waiver.check} at {waiver.where} expired on {waiver.expires}")
    return said


def apply(waivers: Iterable[Waiver], outcome: Outcome) -> Outcome:
    """The outcome with its findings sorted into those that are borne and those that are not."""
    matching = {
        finding: waiver
        for finding in outcome.findings
        for waiver in waivers
        if waiver.covers(outcome.check.id, finding)
    }
    if not matching:
        return outcome
    left = tuple(finding for finding in outcome.findings if finding not in matching)
    return dataclasses.replace(
        outcome,
        verdict=Verdict.FAILED if left else Verdict.WAIVED,
        findings=left,
        waived=tuple(matching),
        reason="\n".join(dict.fromkeys(f"{one.where}: {one.reason}" for one in matching.values())),
    )


def _waiver(entry: dict[str, Any], where: str) -> Waiver:
    for key in entry.keys() - set(KEYS):
        _refuse(where, f"'{key}' is no key; the keys are {', '.join(KEYS)}")
    for key in KEYS:
        if not entry.get(key):
            _refuse(where, f"it needs '{key}'; write one, or take the waiver out")
    for key in ("check", "where", "reason"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            _refuse(where, f"{key} = {entry[key]!r} must be one text in quotes")
    if type(entry["expires"]) is not datetime.date:
        _refuse(where, f"expires = {entry['expires']!r} must be a date without quotes, such as 2027-12-31")
    return Waiver(**entry)


def _refuse(where: str, why: str) -> NoReturn:
    raise LabError(f"{where}: {why}", ExitCode.USAGE)
