"""What Sphinx is told beside the pages as they stand in git.

In a page, the line `<!-- generated: NAME -->` is where the site has what `reference` makes of the lab's own
files; in git it is a comment that nobody sees. Files outside docs/ that a page links to are part of the site.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

from lab import paths
from lab.docs import reference
from lab.docs.facts import Facts, gather

MARK = re.compile(r"^<!-- generated: (.*) -->$", re.MULTILINE)
UPWARD = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)[^)\s#]*)(#[^)\s]*)?\)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx's way in."""
    facts = gather()

    def read(app: Sphinx, docname: str, source: list[str]) -> None:
        source[0] = changed(source[0], Path(app.srcdir) / f"{docname}.md", Path(app.srcdir), facts)

    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def changed(text: str, page: Path, docs: Path, facts: Facts) -> str:
    """A page's text as the site has it."""
    text = UPWARD.sub(lambda found: _link(found, page, docs), text)
    return MARK.sub(lambda found: reference.make(found[1], facts), text)


def _link(found: re.Match[str], page: Path, docs: Path) -> str:
    """A link upwards: to the README it is one to the site's first page, and a folder cannot be shown."""
    target = Path(os.path.normpath(page.parent / found[2]))
    if target == paths.ROOT / "README.md":
        return f"[{found[1]}]({os.path.relpath(docs / 'index.md', page.parent)})"
    if target.is_dir() and target.is_relative_to(paths.ROOT):
        return f"`{target.relative_to(paths.ROOT)}/`"
    return found[0]
