"""What Furo's pages lack for whoever reads them by ear or by keyboard, put right in the finished files.

A theme's templates are long and change with each version; these are the few places, and the tests with axe
say whether they still are all.
"""

from __future__ import annotations

from pathlib import Path

MENDED = (
    # A heading's place in the order of headings (ARIA 1.2, role heading).
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    # Two landmarks of one kind must be told apart by name.
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="All pages">'),
    ('<aside class="toc-drawer">', '<aside class="toc-drawer" aria-label="This page">'),
    ('<aside class="toc-drawer no-toc">', '<aside class="toc-drawer no-toc" aria-label="This page">'),
    # Markdown's tables always have a heading; an empty one would be read out as one.
    ('<th class="head"><p></p></th>', "<td></td>"),
)


def mend(site: Path) -> None:
    """Put it right in every page."""
    for page in site.rglob("*.html"):
        text = page.read_text()
        for found, put in MENDED:
            text = text.replace(found, put)
        page.write_text(text)
