"""A ruleset may touch the lab's own table and nothing else. Pure.

The way back from a mistake is to load the old table again, and that mends only what the file could break.
`flush ruleset` would take the engine's name resolution and the emulated links along; a second table that
drops would go on dropping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lab.errors import ExitCode, LabError
from lab.firewall.table import TABLE

QUOTED_OR_COMMENT = re.compile(r'"[^"\n]*"|#[^\n]*')
DEFINITIONS = ("define", "redefine", "undefine", "include")


def check(text: str, file_name: str) -> None:
    """Accept statements on `table inet lab`; raise LabError (usage) for the first on anything else."""
    for line, statement in _statements(text):
        words = statement.split()
        if words[0] in DEFINITIONS or ("inet", TABLE) in pairwise(words):
            continue
        raise LabError(
            f"{file_name}, line {line}: '{' '.join(words[:6])}' is not about table inet {TABLE}, and what it "
            f"breaks could not be taken back; write all rules into table inet {TABLE}",
            ExitCode.USAGE,
        )


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The file's outermost statements, without their bodies in braces, each with its line (from 1)."""
    bare = QUOTED_OR_COMMENT.sub(lambda found: "x" if found[0].startswith('"') else "", text)
    depth, start, statement = 0, 1, ""
    for line, content in enumerate(bare.replace("\\\n", " ").splitlines(), start=1):
        for character in (*content, "\n"):
            if depth == 0 and character in ";\n":
                if statement.strip():
                    yield start, statement
                statement = ""
            elif depth == 0 and character != "{":
                start = start if statement.strip() else line
                statement += character
            depth += {"{": 1, "}": -1}.get(character, 0)
    if statement.strip():
        yield start, statement
