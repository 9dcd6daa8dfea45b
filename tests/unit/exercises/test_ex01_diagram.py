"""A diagram held against a lab that is made up: whole it passes, and each thing that it lacks is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from lab import settings, topology
from lab.exercises.ex01_addresses import reference
from lab.exercises.ex01_addresses.diagram import Lab, judge

LAB = Lab(
    ("clients", "lab", "backend", "internet"),
    {
        "client": ("clients", "10.10.20.10"),
        "worker": ("clients", "10.10.20.64"),
        "edge": ("lab", "10.10.10.1"),
        "stranger": ("lab", "10.10.10.44"),
        "app1": ("backend", "10.10.30.11"),
        "app2": ("backend", "10.10.30.12"),
        "discord": ("internet", "203.0.113.80"),
    },
    ("app1", "app2"),
)
WHOLE = reference.whole(LAB)


def _hints(text: str | None) -> list[str]:
    judged = judge(text, LAB, "answers/01.mmd")
    assert all(one.passed != bool(one.hint) for one in judged)
    return [one.hint for one in judged if not one.passed]


def test_the_whole_diagram_passes() -> None:
    assert _hints(WHOLE) == []


def test_an_app_server_that_the_edge_does_not_ask_needs_no_arrow() -> None:
    alone = dataclasses.replace(LAB, apps=("app1",))
    assert all(one.passed for one in judge(reference.whole(alone), alone, "answers/01.mmd"))


def test_zones_may_be_boxes_too() -> None:
    text = "\n".join(
        ["router", *(f"zone_{zone}[{zone}] --- router" for zone in LAB.zones)]
        + [f'{name}["{name} {address}"] --- zone_{zone}' for name, (zone, address) in LAB.hosts.items()]
        + ["client --> edge --> app1 & app2", "app1 --> discord", "%% risk edge: one", "%% better edge: two"]
    )
    assert _hints(text) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('    stranger["stranger<br/>10.10.10.44"]\n', "", "stranger (zone lab) is missing"),
        ("10.10.10.44", "10.10.10.45", "stranger has 10.10.10.45 in its box, and answers elsewhere"),
        ("app2<br/>10.10.30.12", "app2", "app2 has no address in its box"),
        ("  zone_backend --- router\n", "", "the wire between zone backend and the router is missing"),
        ("  zone_backend --- router\n", "  edge --- app1\n", "app1 and edge are in different zones"),
        ("  client --> edge\n", "", "an arrow is missing: who opens a connection to edge"),
        ("  client --> edge\n", "  client --> edge --> client\n", "is opened from edge to client"),
        ("  client --> edge\n", "  client --> edge & app1\n", "is opened from client to app1"),
        ("  client --> edge\n", "  client --> router --> edge\n", "an arrow is missing"),
        ("  client --> edge\n", "  client --> edge\n  edge --> router\n", "the router only passes it on"),
        ("  app1 -->|webhook| discord\n", "", "an arrow is missing: who opens a connection to discord"),
        ("%% risk edge", "%% peril edge", "no line says risk"),
        ("%% better edge", "%% better printer", "'better printer' names no host or zone that you drew"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    (hint,) = _hints(WHOLE.replace(old, new))
    assert said in hint


def test_a_host_in_another_zone_than_its_address_is_named() -> None:
    box = '    stranger["stranger<br/>10.10.10.44"]\n'
    moved = WHOLE.replace(box, "").replace('    app1["', box + '    app1["')
    assert _hints(moved) == ["stranger stands in zone backend; its address is of zone lab"]


def test_without_a_router_nothing_is_joined() -> None:
    hints = _hints(WHOLE.replace("router", "switch"))
    assert hints == ["the router is missing; all zones meet there",
                     "the wire between zone clients and the router is missing"]  # fmt: skip


def test_a_line_that_is_no_mermaid_is_named_before_anything_else() -> None:
    (hint,) = _hints(WHOLE + "client -> edge\n")
    assert hint.startswith("answers/01.mmd, line ")
    assert "'client -> edge' is neither a box nor a wire" in hint


def test_a_diagram_that_is_not_there_is_told_with_the_verb_that_writes_one() -> None:
    assert _hints(None) == ["there is no answers/01.mmd; make start EX=1 writes one to begin with"]


def test_the_diagram_to_begin_with_can_be_read_and_is_not_enough() -> None:
    assert len(_hints(reference.beginning(topology.read(settings.defaults())))) == 3


def test_a_solution_keeps_what_a_student_drew_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    plan = topology.read(settings.defaults())
    own = reference.path().with_suffix(".own.mmd")
    reference.begin(plan)
    reference.write(WHOLE, plan)
    reference.write(WHOLE, plan)
    assert not own.exists()
    reference.path().write_text("flowchart LR\n  mine\n")
    reference.begin(plan)
    reference.write(WHOLE, plan)
    assert own.read_text() == "flowchart LR\n  mine\n"
    assert reference.path().read_text() == WHOLE
