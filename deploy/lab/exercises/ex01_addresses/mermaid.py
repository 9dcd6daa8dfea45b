"""A student's diagram read: the part of Mermaid's flowcharts that a network needs. Pure.

Grammar: https://mermaid.js.org/syntax/flowchart.html. Read are nodes with any shape, wires (`---`), arrows
(`-->`) with or without words, `subgraph … end`, and remarks (`%%`); styling is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?!/)")
NODE = re.compile(
    r"\s*(?P<id>\w+(?:[.-]\w+)*)"
    r"(?:\s*[\[({>][\[({/\\]*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\"\])}]*))[/\\\])}]+)?"
    r"(?::::\w+)?\s*"
)
LINK = re.compile(
    r"\s*(?P<back><)?(?:(?:--+|==+|-\.+-)(?P<head>>)|---+|===+|-\.+-"
    r"|(?:--|==|-\.)\s+[^|>]+?\s+(?:--+|==+|\.+-)(?P<worded>>)?)\s*(?:\|[^|]*\|)?"
)
STYLING = re.compile(r"(flowchart|graph|classDef|class|style|linkStyle|direction|click)\b")
REMARK = re.compile(r"(?P<kind>risk|better) +(?P<about>[\w-]+) *: *(?P<words>.+)", re.IGNORECASE)
QUIET = re.compile(r"<[^>]*>")  # tags in a label: <b>, <br/>


@dataclass(frozen=True)
class Node:
    """A box: what is written in it, and the subgraph that it stands in."""

    id: str
    label: str
    inside: str = ""

    @property
    def address(self) -> str:
        """The first address in the box; '' if there is none. A subnet (10.10.10.0/24) is none."""
        found = ADDRESS.search(self.label)
        return found[0] if found else ""


@dataclass
class Drawing:
    """Everything that was drawn; `unread` are lines that are no Mermaid, by their number."""

    nodes: dict[str, Node] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)  # a subgraph's id, and its title
    wires: list[tuple[str, str]] = field(default_factory=list)
    arrows: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str, str]] = field(default_factory=list)  # risk or better, of whom, in words
    unread: list[tuple[int, str]] = field(default_factory=list)


def read(text: str) -> Drawing:
    """The diagram; what cannot be read is in `unread`, and never an error."""
    drawing, open_groups = Drawing(), list[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line, _, remark = raw.partition("%%")
        found = REMARK.fullmatch(remark.strip())
        if found:
            drawing.remarks.append((found["kind"].lower(), found["about"].lower(), found["words"].strip()))
        for statement in filter(None, (part.strip() for part in _statements(line))):
            if not _statement(statement, drawing, open_groups):
                drawing.unread.append((number, statement))
    return drawing


def _statements(line: str) -> list[str]:
    """A line's statements: semicolons part them, but for those in quotes."""
    return re.findall(r'(?:"[^"]*"|[^";])+', line) if '"' in line else line.split(";")


def _statement(text: str, drawing: Drawing, open_groups: list[str]) -> bool:
    if STYLING.match(text):
        return True
    if text == "end":
        return bool(open_groups and open_groups.pop())
    if text.startswith("subgraph"):
        return _open(text.removeprefix("subgraph"), drawing, open_groups)
    return _chain(text, drawing, open_groups[-1] if open_groups else "")


def _open(text: str, drawing: Drawing, open_groups: list[str]) -> bool:
    found = NODE.fullmatch(text)
    title = (found["quoted"] or found["bare"] or found["id"]) if found else text.strip(' "')
    name = found["id"] if found else title
    drawing.groups[name] = QUIET.sub(" ", title)
    open_groups.append(name)
    return bool(title)


def _chain(text: str, drawing: Drawing, inside: str) -> bool:
    """a, or a --- b, or a --> b & c --> d: its nodes and links."""
    found = list(_parts(text))
    if not found or found[-1] is None:
        return False
    ends: list[str] = []
    back = head = False
    for part in found:
        if isinstance(part, tuple):
            back, head = part
            continue
        nodes = [_keep(node, drawing, inside) for node in part or ()]
        for a, b in ((a, b) for a in ends for b in nodes):
            drawing.arrows += [(a, b)] * head + [(b, a)] * back
            drawing.wires += [] if head or back else [(a, b)]
        ends = nodes
    return True


def _parts(text: str) -> Iterator[list[Node] | tuple[bool, bool] | None]:
    """Nodes and links by turns, a link as (back, head); None where the text is neither."""
    place = 0
    while True:
        nodes: list[Node] = []
        while True:
            node = NODE.match(text, place)
            if not node:
                yield None
                return
            nodes.append(Node(node["id"], QUIET.sub(" ", node["quoted"] or node["bare"] or "")))
            place = node.end()
            if text[place : place + 1] != "&":
                break
            place += 1
        yield nodes
        if place == len(text):
            return
        link = LINK.match(text, place)
        if not link:
            yield None
            return
        yield bool(link["back"]), bool(link["head"] or link["worded"])
        place = link.end()


def _keep(node: Node, drawing: Drawing, inside: str) -> str:
    """Note a node where it is first named; a label or a subgraph that comes later is added."""
    known = drawing.nodes.get(node.id, node)
    drawing.nodes[node.id] = Node(node.id, known.label or node.label, known.inside or inside)
    return node.id
