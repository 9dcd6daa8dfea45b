"""Every verb, by the Makefile's own groups and words."""

from __future__ import annotations

import re

from lab import paths
from lab.docs.reference.markdown import code, table

GROUP = re.compile(r"^## (.+)$", re.MULTILINE)
VERB = re.compile(r"^([a-z][a-z-]*):.*?## (.+)$", re.MULTILINE)
VARIABLE = re.compile(r"\[?\b[A-Z][A-Z_0-9]*=(?:'[^']*'|[^\s\],;]*)\]?")
PAGE = re.compile(r"\(docs/([\w/-]+\.md)\)")


def tables() -> str:
    """A section for each group, with a table of its verbs."""
    first, *groups = GROUP.split((paths.ROOT / "Makefile").read_text())
    parts = [f"## {name}\n\n{_rows(text)}" for name, text in zip(groups[::2], groups[1::2], strict=True)]
    return "\n".join([_rows(first), *parts])


def _rows(text: str) -> str:
    rows = [(code(f"make {name}"), _words(said)) for name, said in VERB.findall(text)]
    return table(("verb", "what it does"), rows)


def _words(said: str) -> str:
    """The Makefile's sentence with variables as code and pages as links."""
    said = VARIABLE.sub(lambda found: code(found[0]), said)
    return PAGE.sub(lambda found: f"([more](../{found[1]}))", said)
