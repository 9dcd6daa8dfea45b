"""What Sphinx is told beside the pages as they stand in git.

In a page, the line `<!-- generated: NAME -->` is where the site has what `reference` makes of the lab's own
files; in git it is a comment that nobody sees. Files outside docs/ that a page links to are part of the site.
Pictures and addresses are those of the lab that the site belongs to.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

from lab import paths
from lab.docs import accessible, pictures, reference
from lab.docs.facts import Facts, gather

MARK = re.compile(r"^<!-- generated: (.*) -->$", re.MULTILINE)
CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
UPWARD = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)[^)\s#]*)(#[^)\s]*)?\)")

# Addresses of the lab as shipped. Where the service is set up by hand, no lab could have others.
INSIDE = re.compile(r"\b10\.10\.(?=[123]0\.)")
BY_HAND = "by-hand.md"
# A page names exercises whether there are pages of them yet or not.
EXERCISE = re.compile(r"(?<!\[)\bexercise (\d+)\b")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx's way in."""
    facts = gather()

    def read(app: Sphinx, docname: str, source: list[str]) -> None:
        source[0] = changed(source[0], Path(app.srcdir) / f"{docname}.md", Path(app.srcdir), facts)

    def finished(app: Sphinx, fault: Exception | None) -> None:
        if fault is None:
            put_pictures(Path(app.outdir) / "_images", facts)
            accessible.mend(Path(app.outdir))

    app.connect("source-read", read)
    app.connect("build-finished", finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def changed(text: str, page: Path, docs: Path, facts: Facts) -> str:
    """A page's text as the site has it."""
    parts = CODE.split(text)  # code is every second one
    parts[::2] = [_linked(part, page, docs) for part in parts[::2]]
    text = "".join(parts)
    if page.name != BY_HAND:
        text = INSIDE.sub(f"{facts.prefix}.", text)
    return MARK.sub(lambda found: reference.make(found[1], facts), text)


def _linked(text: str, page: Path, docs: Path) -> str:
    text = EXERCISE.sub(lambda found: _exercise(found, page, docs), text)
    return UPWARD.sub(lambda found: _link(found, page, docs), text)


def _link(found: re.Match[str], page: Path, docs: Path) -> str:
    """A link upwards: to the README it is one to the site's first page, and a folder cannot be shown."""
    target = Path(os.path.normpath(page.parent / found[2]))
    if target == paths.ROOT / "README.md":
        return f"[{found[1]}]({os.path.relpath(docs / 'index.md', page.parent)})"
    if target.is_dir() and target.is_relative_to(paths.ROOT):
        return f"`{target.relative_to(paths.ROOT)}/`"
    return found[0]


def _exercise(found: re.Match[str], page: Path, docs: Path) -> str:
    """An exercise that a page names, as a link to its own page if that is another."""
    target = next(docs.glob(f"exercises/{int(found[1]):02}-*.md"), page)
    return found[0] if target == page else f"[{found[0]}]({os.path.relpath(target, page.parent)})"


def put_pictures(folder: Path, facts: Facts) -> None:
    """Draw this lab's pictures in the place of those as shipped, wherever a page shows one."""
    for name, drawn in pictures.of_this_lab(facts).items():
        if (folder / name).exists():
            (folder / name).write_text(drawn)
