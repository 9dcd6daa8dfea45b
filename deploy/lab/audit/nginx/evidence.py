"""The configuration that the edge runs with, as Nginx itself dumps it, and what gixy says of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from gixy.core.manager import Manager

from lab.audit import stage
from lab.audit.model import Site, UnmeasuredError
from lab.engine import container, docker

DUMP = 'nginx -T -q -e stderr -p "$EDGE_RUN_DIR" -c conf/nginx.conf'


@dataclass(frozen=True)
class Directive:
    """One directive: the blocks around it from the outside in, its name and arguments, and its file."""

    blocks: tuple[str, ...]
    name: str
    args: tuple[str, ...]
    file: str

    @property
    def text(self) -> str:
        """As it stands in the file."""
        return " ".join((self.name, *self.args))


@dataclass(frozen=True)
class Issue:
    """What a plugin of gixy found."""

    severity: str  # HIGH, MEDIUM, LOW, INFORMATION
    plugin: str
    file: str
    said: str


@dataclass(frozen=True)
class Evidence:
    """All directives, and gixy's issues; of the edge as it runs, and of the same edge with HTTPS on."""

    directives: tuple[Directive, ...]
    issues: tuple[Issue, ...]

    def named(self, name: str, *blocks: str) -> list[Directive]:
        """The directives of a name, anywhere, or in exactly these blocks."""
        return [one for one in self.directives if one.name == name and (not blocks or one.blocks == blocks)]

    def beside(self, other: Directive, name: str) -> list[Directive]:
        """The directives of a name in the same block as another one."""
        return [one for one in self.directives if one.name == name and one.blocks == other.blocks]


def gather(site: Site) -> Evidence:
    """Ask Nginx for its configuration; raises UnmeasuredError if gixy cannot read it."""
    dumps = [_dump(container(site.settings.project, "edge"))]
    with stage.door(site) as secure:
        if not secure.offered:
            dumps.append(_dump(secure.container))
    found = [read(dump) for dump in dumps]
    return Evidence(
        tuple(dict.fromkeys(one for evidence in found for one in evidence.directives)),
        tuple(dict.fromkeys(one for evidence in found for one in evidence.issues)),
    )


def read(dump: str) -> Evidence:
    """The evidence in what `nginx -T` prints."""
    with Manager() as gixy:
        gixy.audit("nginx.conf", io.BytesIO(dump.encode()), is_stdin=True)
        if gixy.errors:
            raise UnmeasuredError(f"gixy cannot read the configuration: {gixy.errors[0]}")
        issues = tuple(_issue(plugin, issue) for plugin in gixy.auditor.plugins for issue in plugin.issues)
        return Evidence(tuple(_walk(gixy.root, ())), issues)


def _dump(name: str) -> str:
    return docker("exec", name, "sh", "-c", DUMP)


def _issue(plugin: Any, issue: Any) -> Issue:  # noqa: ANN401  # gixy has no types
    directive = next(iter(issue.directives), None)
    at = " ".join(str(directive).split())[:80] if directive else ""
    said = f"{plugin.name}: {issue.reason or issue.summary or plugin.summary}"
    return Issue(
        str(issue.severity or plugin.severity),
        plugin.name,
        _file(directive),
        f"{said} ({at})" if at else said,
    )


def _walk(block: Any, blocks: tuple[str, ...]) -> Iterator[Directive]:  # noqa: ANN401  # as above
    counted = 0
    for child in block.children:
        args = tuple(str(arg) for arg in child.args)
        if child.name == "server" and child.is_block:
            counted += 1
            inner = f"server {_ports(child) or counted}"
        else:
            inner = " ".join((child.name, *args))
        yield Directive(blocks, child.name, args, _file(child))
        if child.is_block:
            yield from _walk(child, (*blocks, inner))


def _ports(server: Any) -> str:  # noqa: ANN401  # as above
    """What tells one server block from another: where it listens, and for whom."""
    told = [" ".join(map(str, one.args)) for one in server.children if one.name in ("listen", "server_name")]
    return ", ".join(told)


def _file(directive: Any) -> str:  # noqa: ANN401  # as above
    return PurePath(getattr(directive, "file", None) or "nginx.conf").name
