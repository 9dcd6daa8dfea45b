"""Waivers of what was planted: somebody who waives a finding has not mended it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lab.audit import waivers
from lab.exercises.ex12_audit.weakness import Weakness

ENTRY = re.compile(r"^\[\[waiver\]\]$(?:(?!^\[\[waiver\]\]$).)*", re.MULTILINE | re.DOTALL)
FILE = waivers.FILE


def waived(planted: Iterable[Weakness]) -> list[str]:
    """The checks among those of what was planted that somebody has waived."""
    promises = {one.promise for one in planted if one.promise}
    return sorted({one.check for one in waivers.read(FILE)} & promises)


def take_out(planted: Iterable[Weakness]) -> None:
    """Remove such waivers from the file, and leave the others as they are, to the byte."""
    checks = set(waived(planted))
    if not checks:
        return
    text = FILE.read_text()
    FILE.write_text(
        ENTRY.sub(lambda entry: "" if _check(entry[0]) in checks else entry[0], text).rstrip("\n") + "\n"
    )


def _check(entry: str) -> str:
    found = re.search(r'^check *= *"([^"]*)"', entry, re.MULTILINE)
    return found[1] if found else ""
