"""Bandwidth and window: what is right, which mistake gets which hint, and that a neighbour's sheet fails."""

from __future__ import annotations

import pytest

from lab.errors import ExitCode, LabError
from lab.exercises import transfer
from lab.exercises.ex05_bandwidth import EXERCISE
from lab.exercises.ex05_bandwidth.pipe import LEAST, MOST, Pipe, draw_pipe, predicted
from lab.exercises.ex05_bandwidth.truths import ONE_WAY, SLOW_START, truths
from lab.exercises.quantity import RATE, SIZE, TIME
from lab.exercises.student import Draw
from tests.unit.exercises import ordinary

PIPE = Pipe(60, 100, 48, 300)  # 60 ms each way, 10 Mbit/s, 48 KiB, 300 kB
QUESTIONS = EXERCISE.questions(PIPE)
RIGHT = {
    "bdp": "150 kB", "small_window": "3.28 Mbit/s", "full_rate": "9.56 Mbit/s", "file": "0.79 s",
    "rtt_seen": "121 ms", "window_seen": "59 kB", "small_window_seen": "3.7 Mbit/s",
    "full_rate_seen": "9.4 Mbits/sec", "file_seen": "0.85 s",
    "window_for_double": "300 kB", "upgrade": "as-fast-as-before",
}  # fmt: skip


def _refused(pipe: Pipe = PIPE, /, **other: str) -> dict[str, str]:
    read = ordinary.answers(QUESTIONS, {**RIGHT, **other})
    return ordinary.refused(EXERCISE.questions(pipe), read, truths(pipe, read))


def test_the_right_answers_are_right() -> None:
    assert _refused() == {}


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("bdp", "75 kB", ONE_WAY),
        ("bdp", "1.2 MB", "8 bits"),
        ("bdp", "600 kB", "8 bits"),
        ("small_window", "6.55 Mbit/s", ONE_WAY),
        ("small_window", "410 kbit/s", "times 8"),
        ("small_window", "10 Mbit/s", "the sender waits"),
        ("full_rate", "1.2 Mbit/s", "times 8"),
        ("file", "0.25 s", "shakes hands"),
        ("file", "0.49 s", SLOW_START),
        ("window_seen", "255 kB", "measure again"),
        ("small_window_seen", "9.4 Mbit/s", "-w 200K"),
        ("full_rate_seen", "3.9 Mbit/s", "-w 48K"),
        ("file_seen", "0.25 s", "measure again"),
        ("window_for_double", "150 kB", "twice as much"),
        ("upgrade", "twice-as-fast", "in that?"),
    ],
)
def test_a_mistake_gets_the_hint_that_fits(name: str, answer: str, hint: str) -> None:
    found = _refused(**{name: answer})
    assert list(found) == [name]
    assert hint in found[name]


def test_the_small_windows_rate_is_held_to_the_window_that_was_offered() -> None:
    assert list(_refused(small_window_seen="2.3 Mbit/s")) == ["small_window_seen"]
    assert _refused(small_window_seen="2.3 Mbit/s", window_seen="48 kB") == {}


def test_a_neighbours_answers_fail() -> None:
    mine = [draw_pipe(Draw(f"s{number}", 5)) for number in range(30)]
    assert sum(bool(_refused(pipe)) for pipe in mine) >= 26


@pytest.mark.parametrize("number", range(100))
def test_every_student_has_a_link_that_the_small_window_cannot_fill_and_the_large_one_can(
    number: int,
) -> None:
    pipe = draw_pipe(Draw(f"s{number}", 5))
    product = predicted(pipe)["bdp"]
    assert LEAST * 0.99 <= product <= MOST * 1.01 < 200 * 1024
    assert 1.75 * pipe.window < product  # whatever window the kernel makes of the buffer
    assert pipe.link.round_trip > 0.1  # so that the link's own measurement takes UDP, which needs no ramp


def test_the_units_of_what_is_predicted() -> None:
    said = predicted(PIPE)
    assert (SIZE.show(said["bdp"]), RATE.show(said["small_window"])) == ("150 kB", "3.277 Mbit/s")
    assert TIME.show(said["file"]) == "795.1 ms"


REPORT = {
    "end": {
        "sender_tcp_congestion": "reno",
        "sum_received": {"bits_per_second": 3.7e6},
        "streams": [{"sender": {"max_snd_wnd": 59368}}],
    }
}


def test_a_report_of_iperf3_is_read() -> None:
    assert transfer.read(REPORT) == transfer.Transfer(3.7e6, 59368)


@pytest.mark.parametrize("end", [{**REPORT["end"], "sender_tcp_congestion": "bbr"}, {}])
def test_a_report_of_another_sender_or_of_nothing_is_no_measurement(end: dict[str, object]) -> None:
    with pytest.raises(LabError) as refused:
        transfer.read({"end": end})
    assert refused.value.exit_code == ExitCode.UNMEASURED
