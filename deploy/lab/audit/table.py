"""The table of all checks in docs/audit.md, written from the code: python -m lab.audit.table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lab import paths
from lab.audit import families
from lab.audit.model import Family

PAGE = paths.ROOT / "docs/audit.md"
BEGIN, END = "<!-- from the code, by: .venv/bin/python -m lab.audit.table -->\n", "<!-- end -->"


def page(text: str, known: Iterable[Family[Any]]) -> str:
    """The page's text with the table as it must be."""
    parts = re.compile(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", re.DOTALL)
    return parts.sub(lambda _: "\n".join(_lines(known)) + "\n", text)


def _lines(known: Iterable[Family[Any]]) -> Iterable[str]:
    yield from ("| check | level | the promise |", "| --- | --- | --- |")
    for family in known:
        yield f"| [**{family.name}**](threat-model.md#{family.threat}) | | |"
        yield from (f"| {check.id} | {check.level.name} | {check.title} |" for check in family.checks)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(), families.load()))
