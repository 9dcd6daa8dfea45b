"""A student's Mermaid read: what a network needs of it, and what is none."""

from __future__ import annotations

import pytest

from lab.exercises.ex01_addresses.mermaid import read


def test_boxes_have_labels_addresses_and_a_place() -> None:
    drawing = read(
        'flowchart LR\n  subgraph zone_lab["lab · 10.10.10.0/24"]\n'
        '    edge["<b>edge</b><br/>10.10.10.1"]\n  end\n'
        '  router{{"the router"}}\n  vm("the VM, 10.10.10.254")\n'
    )
    assert drawing.unread == []
    assert drawing.groups == {"zone_lab": "lab · 10.10.10.0/24"}
    assert (drawing.nodes["edge"].address, drawing.nodes["edge"].inside) == ("10.10.10.1", "zone_lab")
    assert (drawing.nodes["router"].label, drawing.nodes["router"].inside) == ("the router", "")
    assert drawing.nodes["vm"].address == "10.10.10.254"


def test_a_subnet_is_no_address() -> None:
    assert read('lab["lab 10.10.10.0/24"]').nodes["lab"].address == ""


@pytest.mark.parametrize(
    ("line", "wires", "arrows"),
    [
        ("a --- b", [("a", "b")], []),
        ("a---b", [("a", "b")], []),
        ('a ---|"10.10.20.253"| b', [("a", "b")], []),
        ("a -- words --- b", [("a", "b")], []),
        ("a -.- b", [("a", "b")], []),
        ("a === b", [("a", "b")], []),
        ("a --> b", [], [("a", "b")]),
        ("a-->|HTTP, port 80|b", [], [("a", "b")]),
        ("a -- HTTP --> b", [], [("a", "b")]),
        ("a -.-> b", [], [("a", "b")]),
        ("a ==> b", [], [("a", "b")]),
        ("a <--> b", [], [("a", "b"), ("b", "a")]),
        ("a --> b & c", [], [("a", "b"), ("a", "c")]),
        ("a --- b --- c", [("a", "b"), ("b", "c")], []),
        ("a --> b --- c; c --> d", [("b", "c")], [("a", "b"), ("c", "d")]),
        ('a["one; two"] --> b', [], [("a", "b")]),
    ],
)
def test_links(line: str, wires: list[tuple[str, str]], arrows: list[tuple[str, str]]) -> None:
    drawing = read(line)
    assert (drawing.unread, drawing.wires, drawing.arrows) == ([], wires, arrows)


def test_remarks_are_read_and_styling_is_passed_over() -> None:
    drawing = read(
        "flowchart LR\n%% just a remark\n%% risk edge: one of it\na:::big %% Better app1: a cache\n"
        "classDef big fill:#fff\nstyle a fill:#fff\nlinkStyle 0 stroke:red\ndirection LR\n"
    )
    assert drawing.unread == []
    assert drawing.remarks == [("risk", "edge", "one of it"), ("better", "app1", "a cache")]
    assert list(drawing.nodes) == ["a"]


@pytest.mark.parametrize("line", ["a ->", "a -- b", "--> b", "a ~~ b", "a --> b -->", "end", "!"])
def test_what_is_no_mermaid_is_told_with_its_line(line: str) -> None:
    assert read(f"flowchart LR\n{line}\n").unread == [(2, line)]
