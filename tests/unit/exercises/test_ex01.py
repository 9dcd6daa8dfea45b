"""What exercise 1 holds for right: masks reckoned with, the way of a request, and the stranger."""

from __future__ import annotations

import dataclasses
import ipaddress

import pytest

from lab import settings, topology
from lab.exercises.ex01_addresses import asked
from lab.exercises.ex01_addresses.facts import Facts
from lab.exercises.ex01_addresses.plot import Plot, draw
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement, Seen
from lab.exercises.student import Draw

PLAN = topology.read(settings.defaults())
FACTS = Facts(near="direct", far="router", gateway="10.10.20.253", ttl=63, single=("edge", "router"))
PLOT = Plot(ipaddress.IPv4Interface("172.20.37.141/26"), near=140, far=("backend", 200), zone="lab", last=44)
RIGHT = {
    "network": "172.20.37.128", "broadcast": "172.20.37.191", "first": "172.20.37.129",
    "last": "172.20.37.190", "usable": "62", "near": "direct", "far": "router", "narrow": "router",
    "ttl": "63",
    "stranger_zone": "lab", "stranger_address": "10.10.10.44", "gateway": "10.10.20.253",
    "path": "client > router > edge > router > app1", "no_mac": "other-network", "guarded": "yes",
}  # fmt: skip
STUDENTS = [f"s{number}" for number in range(1, 31)]


def _answers(given: dict[str, str]) -> dict[str, Answer]:
    both = Answer("edge, router", words=("edge", "router"))
    numbers = ("usable", "ttl")
    return {"single_points": both} | {
        name: Answer(text, float(text) if name in numbers else 0.0, (text.casefold(),))
        for name, text in given.items()
    }


def _judged(given: dict[str, str], plot: Plot = PLOT) -> list[Judgement]:
    answers = _answers(RIGHT | given)
    return judge(asked.questions(plot), answers, Seen(truths=asked.truths(plot, FACTS, PLAN, answers)))


def _hints(given: dict[str, str]) -> list[str]:
    return [one.hint for one in _judged(given) if not one.passed]


def test_what_was_reckoned_by_hand_is_right() -> None:
    assert _hints({}) == []


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("network", "172.20.37.0", "blocks of 64 addresses"),
        ("first", "172.20.37.128", "belong to no host"),
        ("last", "172.20.37.191", "belong to no host"),
        ("usable", "64", "belong to no host"),
        ("usable", "63", "belong to no host"),
        ("usable", "126", "a /26 leaves 6 bits"),
        ("narrow", "direct", "a /26 from .0 ends at .63; is 140 within?"),
        ("ttl", "64", "each router on the way takes one off"),
        ("stranger_address", "10.10.10.1", "that is edge"),
        ("stranger_address", "10.10.10.252", "the router itself"),
        ("stranger_address", "10.10.20.254", "the VM itself"),
        ("stranger_address", "10.10.10.45", "no stranger answers there"),
        ("gateway", "10.10.20.254", "that is the VM"),
        ("path", "client > edge > app1", "the router is crossed"),
        ("path", "client > router > edge > app1", "the router is crossed"),
        ("path", "client > router > router > app1 > edge", "to an app server"),
        ("path", "", "the router is crossed"),
        ("no_mac", "firewall", "no host of zone lab would have answered"),
        ("guarded", "no", "the router sees what goes from zone to zone"),
    ],
)
def test_a_mistake_gets_the_hint_that_fits(question: str, answer: str, said: str) -> None:
    (hint,) = _hints({question: answer})
    assert said in hint


@pytest.mark.parametrize(
    "path", ["Client, router, edge, router, app2", "client → router → edge → router → app"]
)
def test_a_path_may_be_written_in_any_way(path: str) -> None:
    assert _hints({"path": path}) == []


def test_in_the_backend_no_firewall_stands_between() -> None:
    inside = dataclasses.replace(PLOT, zone="backend", last=44)
    judged = {one.what: one.passed for one in _judged({"guarded": "no"}, inside)}
    assert judged["explain: guarded"]


def test_what_is_drawn_can_be_reckoned_with() -> None:
    for student in STUDENTS:
        plot = draw(Draw(student, 1))
        net = plot.subnet.network
        assert plot.subnet.ip not in {net[0], net[1], net[-2], net[-1]}, student
        assert plot.subnet.ip in net
        assert plot.address(PLAN) not in {str(host.address) for host in PLAN.hosts.values()}


def test_hardly_anybody_has_a_neighbours_numbers() -> None:
    plots = [draw(Draw(student, 1)) for student in STUDENTS]
    assert len({plot.subnet.network for plot in plots}) == len(STUDENTS)
    assert len({(plot.zone, plot.last) for plot in plots}) >= 24
