"""Loss: what is right, which mistake gets which hint, what chance may do; a neighbour's sheet fails."""

from __future__ import annotations

import random

import pytest

from lab.exercises import transfer
from lab.exercises.ex06_loss import EXERCISE
from lab.exercises.ex06_loss.lossy import (
    BOTH_WAYS,
    PACKETS,
    PERCENT,
    PINGS,
    REQUESTS,
    ROOT,
    Lossy,
    by_chance,
    draw_lossy,
    truths,
)  # fmt: skip
from lab.exercises.student import Draw
from lab.theory import hit_by_loss
from tests.unit.exercises import ordinary

LOSSY = Lossy(8, 40)  # 0.8 %, 40 ms each way
QUESTIONS = EXERCISE.questions(LOSSY)
RIGHT = {
    "ping_loss": "1.6 %", "reno": "1.98 Mbit/s", "hit": "2.38 %", "percentile": "p99",
    "ping_loss_seen": "2.1 %", "reno_seen": "1.4 Mbit/s", "sent_again_seen": "0.9 %", "hit_seen": "3 %",
    "p95_seen": "166 ms", "p99_seen": "1.19 s", "loss_for_p95": "1.7 %", "why": "no-later-packet",
}  # fmt: skip


def _refused(lossy: Lossy = LOSSY, /, **other: str) -> dict[str, str]:
    read = ordinary.answers(QUESTIONS, {**RIGHT, **other})
    return ordinary.refused(QUESTIONS, read, truths(lossy))


def test_the_right_answers_are_right() -> None:
    assert _refused() == {}


def test_a_lost_request_and_a_lost_syn_both_make_a_p99() -> None:
    assert _refused(p99_seen="0.42 s") == _refused(p99_seen="1.4 s") == {}


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("ping_loss", "0.8 %", BOTH_WAYS),
        ("ping_loss", "0.0064 %", "both are lost"),
        ("reno", "22.2 Mbit/s", ROOT),
        ("reno", "198 kbit/s", PERCENT),
        ("reno", "3.96 Mbit/s", "twice the delay"),
        ("reno", "248 kbit/s", "times 8"),
        ("hit", "0.8 %", "more than one packet"),
        ("hit", "1.6 %", "SYN-ACK"),
        ("percentile", "p95", "how many are?"),
        ("ping_loss_seen", "0.1 %", "measure again"),
        ("reno_seen", "22 Mbit/s", "measure again"),
        ("sent_again_seen", "8 %", "measure again"),
        ("hit_seen", "10 %", "measure again"),
        ("p95_seen", "1.1 s", "measure again"),
        ("p99_seen", "166 ms", "measure again"),
        ("loss_for_p95", "5 %", "three packets"),
        ("why", "full-queue", "no queue"),
    ],
)
def test_a_mistake_gets_the_hint_that_fits(name: str, answer: str, hint: str) -> None:
    found = _refused(**{name: answer})
    assert list(found) == [name]
    assert hint in found[name]


def test_a_neighbours_answers_fail() -> None:
    mine = [draw_lossy(Draw(f"s{number}", 6)) for number in range(30)]
    assert sum(bool(_refused(lossy)) for lossy in mine) >= 26


@pytest.mark.parametrize(("count", "packets"), [(PINGS, 2), (REQUESTS, PACKETS)])
@pytest.mark.parametrize("loss", [0.008, 0.011])
def test_chance_alone_seldom_leaves_the_room_that_it_is_given(loss: float, count: int, packets: int) -> None:
    share, drawn = hit_by_loss(loss, packets), random.Random(1)  # noqa: S311  # a simulation
    room = by_chance(count, share)
    found = [sum(drawn.random() < share for _ in range(count)) / count for _ in range(400)]
    assert sum(abs(one - share) > room for one in found) <= 3
    assert room < share  # none lost at all is no measurement of it


def test_a_busy_vm_makes_a_connection_late_and_a_lost_syn_a_whole_second() -> None:
    assert transfer.late([0.06] * 97 + [0.3, 0.5, 1.07]) == 0.01


@pytest.mark.parametrize("number", range(60))
def test_no_student_draws_a_loss_that_p95_may_show(number: int) -> None:
    hit = hit_by_loss(draw_lossy(Draw(f"s{number}", 6)).loss, PACKETS)
    assert hit > 0.01
    assert hit + 2 * (hit * (1 - hit) / REQUESTS) ** 0.5 < 0.05
