"""Every setting, by the groups and in the words of .env.example, with what a value must be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab import paths
from lab.docs.reference.markdown import code, table
from lab.settings import FORMS

GROUP = re.compile(r"^# --- (.+?) -*$")
SETTING = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")
FIRST = "The lab"


def tables() -> str:
    """A section for each group, with a table of its settings."""
    groups: dict[str, list[tuple[str, str, str, str]]] = {}
    for group, name, value, said in read():
        row = (code(name), code(value) or "(empty)", said, FORMS[name][1])
        groups.setdefault(group, []).append(row)
    head = ("setting", "as shipped", "what it does", "what it must be")
    return "\n".join(f"## {group}\n\n{table(head, rows)}" for group, rows in groups.items())


def read() -> Iterator[tuple[str, str, str, str]]:
    """Each setting of .env.example: its group, its name, its value, and the comment before it.

    A comment holds for all settings that follow it directly.
    """
    group, said, fresh = FIRST, "", True
    for line in paths.ENV_EXAMPLE.read_text().splitlines():
        if found := GROUP.match(line):
            group, said = found[1], ""
        elif line.startswith("#"):
            said, fresh = (line[1:] if fresh else said + line[1:]), False
        elif found := SETTING.match(line):
            yield group, found[1], found[2], said.strip()
            fresh = True
        else:
            said, fresh = "", True
