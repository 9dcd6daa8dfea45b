"""Exercise 1 as a whole: how it begins, what is looked at, and the ways to do it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from lab.exercises.bench import RunningLab
from lab.exercises.ex01_addresses import asked, diagram, facts, reference, stranger
from lab.exercises.ex01_addresses.diagram import ROUTER
from lab.exercises.ex01_addresses.plot import FREE, Plot, draw
from lab.exercises.model import Answer, Exercise, Seen

ZONE_WITHOUT_WIRE = "backend"


def _start(lab: RunningLab, plot: Plot) -> str:
    stranger.send_in(lab, plot)
    reference.begin(lab.plan)
    return "nobody has found the stranger in the lab, and your diagram shows one host"


def _look(lab: RunningLab, plot: Plot, answers: Mapping[str, Answer]) -> Seen:
    found = facts.gather(lab, plot)
    stranger.must_answer(lab, plot)
    file = reference.path()
    text = file.read_text(errors="replace") if file.exists() else None
    judged = diagram.judge(text, facts.hosts(lab, plot), f"answers/{file.name}")
    return Seen(judged, asked.truths(plot, found, lab.plan, answers))


def _hints(plot: Plot) -> Sequence[str]:
    net = plot.subnet.network
    return (
        f"A /{net.prefixlen} makes blocks of {net.num_addresses} addresses. Where does yours begin and end?",
        "client can sweep zones clients and lab; into backend the router lets nobody: sweep it from app1.",
        "Strike out what make topology names, and the router's .252 and .253 and the VM's .254. Who is left?",
        f"The stranger is in zone {plot.zone}. In the diagram it is a box in its zone, like any other.",
        "docs/topology.mmd is the diagram as the plan has it: add the stranger, arrows, a risk and a better.",
    )


def _nothing_to_do(_lab: RunningLab, _plot: Plot) -> None:
    """Everything is there from the start: finding it changes nothing."""


def _answers(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Writes the whole diagram too, which is an answer as well."""
    reference.write(reference.whole(facts.hosts(lab, plot)), lab.plan)
    found = facts.gather(lab, plot)
    right = {truth.question: truth.value for truth in asked.truths(plot, found, lab.plan, {})}
    return {name: f"{value:.0f}" if isinstance(value, float) else value for name, value in right.items()}


def _all_usable(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Counts the network's own address and broadcast as hosts'."""
    net = plot.subnet.network
    wrong = {"first": net[0], "last": net[-1], "usable": net.num_addresses}
    return _answers(lab, plot) | {name: str(value) for name, value in wrong.items()}


def _no_router(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Forgets that the router is crossed, twice."""
    path = " > ".join(host for host in asked.PATH if host != ROUTER)
    return _answers(lab, plot) | {"path": path, "ttl": str(asked.SENT_TTL)}


def _neighbours(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Copies from a neighbour, who has drawn another address for the stranger."""
    theirs = dataclasses.replace(plot, last=FREE[(FREE.index(plot.last) + 7) % len(FREE)])
    reference_of_theirs = reference.whole(facts.hosts(lab, theirs))
    answers = _answers(lab, plot)
    reference.write(reference_of_theirs, lab.plan)
    return answers | {"stranger_address": theirs.address(lab.plan)}


def _no_wire(lab: RunningLab, plot: Plot) -> dict[str, object]:
    """Draws the zone of the app servers beside the router, and no wire between."""
    answers = _answers(lab, plot)
    reference.write(reference.whole(facts.hosts(lab, plot), without=ZONE_WITHOUT_WIRE), lab.plan)
    return answers


def _reset(lab: RunningLab, _plot: Plot) -> None:
    stranger.send_away(lab)


EXERCISE = Exercise(
    number=reference.NUMBER,
    name="addresses",
    title="Addresses, subnets and routes",
    about="every host found and drawn, a mask reckoned with, the way of a request",
    minutes=60,
    draw=draw,
    numbers=Plot.numbers,
    questions=asked.questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_nothing_to_do,
    answers=_answers,
    wrong={
        "all addresses usable": _all_usable,
        "no router": _no_router,
        "neighbour's stranger": _neighbours,
        "no backend wire": _no_wire,
    },
    reset=_reset,
    known=asked.known,
)
