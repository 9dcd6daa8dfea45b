"""Where a site's pages lead, read from the HTML as a browser reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes that a browser follows or loads, or that a click follows.
FOLLOWED = {"href", "src", "action", "srcset", "poster", "data"}
ELSEWHERE = {"http", "https", "mailto"}


@dataclass
class Page(HTMLParser):
    """What a page has: the addresses it names, by element, and the ids that can be linked to."""

    addresses: list[tuple[str, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    inline_scripts: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.ids |= {named[name] for name in ("id", "name") if name in named}
        self.addresses += [(tag, value) for name, value in named.items() if name in FOLLOWED and value]
        self.inline_scripts += tag == "script" and "src" not in named


def read(site: Path) -> dict[Path, Page]:
    """Every page of the site."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        pages[path] = page = Page()
        page.feed(path.read_text())
    return pages


def broken(pages: dict[Path, Page]) -> Iterator[str]:
    """Each link within the site that leads nowhere, in words."""
    for path, page in pages.items():
        for tag, address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme in ELSEWHERE or parts.scheme == "data":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if parts.path.startswith("/") or not target.is_file():
                yield f"{path.name}: <{tag}> {address}: there is no such file"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                yield f"{path.name}: <{tag}> {address}: the page has no such heading"
