"""Exercise 5: why a fat long link is slow, and what window it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lab import theory
from lab.exercises import linked, transfer
from lab.exercises.bench import RunningLab
from lab.exercises.ex05_bandwidth.pipe import AMPLE, ZONE, Pipe, draw_pipe, numbers, predicted
from lab.exercises.ex05_bandwidth.truths import FILE_SEEN, FULL_SEEN, RATE_SEEN, known, truths
from lab.exercises.judging import judge
from lab.exercises.model import (
    Answer,
    Compared,
    Exercise,
    Judgement,
    Part,
    Question,
    Seen,
    all_right,
)  # fmt: skip
from lab.exercises.quantity import RATE, SIZE, TIME
from lab.link import control
from link.condition import Condition, Link

SECONDS = 3  # of each transfer of a check, after one that does not count
FETCHES = 5  # of the file


def _questions(drawn: Pipe) -> Sequence[Question]:
    link = f"{drawn.tenths / 10:g} Mbit/s, {drawn.milliseconds} ms each way"
    return (
        Question("bdp", Part.PREDICT, f"The bandwidth-delay product of {link}.", SIZE),
        Question("small_window", Part.PREDICT, f"The rate with a window of {drawn.kibibytes} KiB.", RATE),
        Question("full_rate", Part.PREDICT, "The rate of payload with a window beyond the product.", RATE),
        Question("file", Part.PREDICT, f"A file of {drawn.kilobytes} kB on a new connection.", TIME),
        Question("rtt_seen", Part.MEASURE, "The round trip that ping shows, client to edge.", TIME),
        Question("window_seen", Part.MEASURE, f"max_snd_wnd with -w {drawn.kibibytes}K: the offer.", SIZE),
        Question("small_window_seen", Part.MEASURE, f"iperf3's rate with -w {drawn.kibibytes}K.", RATE),
        Question("full_rate_seen", Part.MEASURE, f"iperf3's rate with -w {AMPLE}.", RATE),
        Question("file_seen", Part.MEASURE, "time_total of curl for the file.", TIME),
        Question("window_for_double", Part.EXPLAIN, "The window for twice the rate, same delay.", SIZE),
        Question("upgrade", Part.EXPLAIN, "And with the small window, twice the link's rate makes it?",
                 choices=("twice-as-fast", "as-fast-as-before", "slower")),
    )  # fmt: skip


def _start(lab: RunningLab, drawn: Pipe) -> str:
    transfer.stop_servers(lab)
    lab.clear_links()
    said = f"{drawn.tenths / 10:g} Mbit/s and no delay of {drawn.milliseconds} ms"
    return f"the clients' link has no rate of {said}"


def _look(lab: RunningLab, drawn: Pipe, answers: Mapping[str, Answer]) -> Seen:
    """Measured last, and once all else is right: it takes some ten seconds."""
    seen = Seen([_link_is_set(lab, drawn)], truths(drawn, answers))
    if not all_right(judge(_questions(drawn), answers, seen)):
        return seen
    return replace(seen, compared=_compared(lab, drawn))


def _link_is_set(lab: RunningLab, drawn: Pipe) -> Judgement:
    what = f"the clients' link has {drawn.tenths / 10:g} Mbit/s and delays {drawn.milliseconds} ms each way"
    delay, rate = Condition(delay=drawn.milliseconds / 1e3), Condition(rate=drawn.rate)
    half = Condition(delay=drawn.milliseconds / 2e3, rate=drawn.rate)
    known = (
        (Link(delay, delay), "it has the delay and no rate; without MODIFY=1 each make link sets all anew"),
        (Link(rate, rate), "it has the rate and no delay; without MODIFY=1 each make link sets all anew"),
        (Link(half, half), "DELAY is one way already: do not halve it"),
    )
    return linked.judged(lab, ZONE, drawn.link, what, drawn.command, known)


def _compared(lab: RunningLab, drawn: Pipe) -> list[Compared]:
    rtt = linked.round_trip(lab, drawn.link)
    full, file = (predicted(drawn)[name] for name in ("full_rate", "file"))

    def window(words: str, expected: float | None, tolerance: float) -> Compared:
        """The rate with a window: what is expected, or by the window that was offered and this round trip."""
        found = transfer.send(lab, SECONDS, words)
        rate = expected or 8 * theory.window_limit(found.window, rtt)
        name = f"rate, window {SIZE.show(found.window)}"
        return Compared(name, RATE, rate, found.rate, tolerance * rate)

    def fetched() -> Compared:
        name = f"file of {drawn.kilobytes} kB (median of {FETCHES})"
        return Compared(name, TIME, file, transfer.fetch(lab, drawn.size, FETCHES), FILE_SEEN * file)

    return [
        Compared("round trip", TIME, drawn.rtt, rtt, linked.ABSOLUTE + linked.RELATIVE * drawn.rtt),
        linked.settled(lambda: window(f"{drawn.kibibytes}K", None, RATE_SEEN)),
        linked.settled(lambda: window(AMPLE, full, FULL_SEEN)),
        linked.settled(fetched),
    ]


def _hints(drawn: Pipe) -> Sequence[str]:
    return (
        "Draw client and edge as two lines, a window as a block between them. When may the next leave?",
        f"A round trip is 2 · {drawn.milliseconds} ms. The product is rate · round trip; bits / 8 = bytes.",
        "Rate = window / round trip, and never more than the link's. The file: a round trip for the "
        "handshake, one for the request; then 10, 20, 40 packets of 1448 bytes, a round trip each, until a "
        "window fills the link; and what is left at the link's rate.",
        f"{drawn.command}; then iperf3 -s -D on the edge, and on the client iperf3 -c 10.10.10.1 -C reno "
        f"-w {drawn.kibibytes}K, and again with -w {AMPLE}.",
    )


def _do(lab: RunningLab, drawn: Pipe) -> None:
    control.change(lab.settings.project, ZONE, drawn.link, None)


def _answers(lab: RunningLab, drawn: Pipe) -> dict[str, object]:
    """The window is looked up, since it is the kernel's choice; all else is as theory says."""
    said, window = predicted(drawn), transfer.send(lab, 1, f"{drawn.kibibytes}K").window
    seen = said | {"small_window": 8 * theory.window_limit(window, drawn.rtt)}
    units = {"bdp": SIZE, "small_window": RATE, "full_rate": RATE, "file": TIME}
    return {
        **{name: unit.show(said[name]) for name, unit in units.items()},
        **{f"{name}_seen": unit.show(seen[name]) for name, unit in units.items() if name != "bdp"},
        "rtt_seen": TIME.show(drawn.rtt),
        "window_seen": SIZE.show(window),
        "window_for_double": SIZE.show(2 * said["bdp"]),
        "upgrade": "as-fast-as-before",
    }


def _one_way(lab: RunningLab, drawn: Pipe) -> dict[str, object]:
    """Takes the delay for the round trip."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"bdp": SIZE.show(predicted(drawn)["bdp"] / 2)}


def _bits(lab: RunningLab, drawn: Pipe) -> dict[str, object]:
    """Says bits and writes bytes."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"bdp": SIZE.show(predicted(drawn)["bdp"] * 8)}


def _no_rate(lab: RunningLab, drawn: Pipe) -> dict[str, object]:
    """Sets the delay, and forgets the rate."""
    delay = Condition(delay=drawn.milliseconds / 1e3)
    control.change(lab.settings.project, ZONE, Link(delay, delay), None)
    return _answers(lab, drawn)


def _reset(lab: RunningLab, _: Pipe | None) -> None:
    transfer.stop_servers(lab)


EXERCISE = Exercise(
    number=5,
    name="bandwidth",
    title="Bandwidth and window",
    about="why a fat long link is slow: window, round trip, slow start",
    minutes=60,
    draw=draw_pipe,
    numbers=numbers,
    questions=_questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=_answers,
    wrong={"one way": _one_way, "bits for bytes": _bits, "no rate": _no_rate},
    reset=_reset,
    known=known,
)
