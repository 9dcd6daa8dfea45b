"""Exercise 6: what a few lost packets do to a ping, to a bulk transfer and to the slowest requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lab import theory
from lab.exercises import linked, transfer
from lab.exercises.bench import RunningLab
from lab.exercises.ex06_loss.lossy import (
    PACKETS,
    PINGS,
    RENO_SEEN,
    REQUESTS,
    ZONE,
    Lossy,
    by_chance,
    draw_lossy,
    known,
    numbers,
    reno,
    truths,
)
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Compared, Exercise, Judgement, Part, Question, Seen, all_right
from lab.exercises.quantity import RATE, SHARE, TIME
from lab.link import control, probes
from link.condition import Condition, Link

SECONDS = 8  # of a check's transfer, after one that does not count
PROGRAMS, EACH = 8, 250  # that ping at once, and how often each
EVERY = 0.0102  # seconds between pings: ping is no faster while it waits for an answer


def _questions(drawn: Lossy) -> Sequence[Question]:
    link = f"{drawn.tenths / 10:g} % loss each way"
    return (
        Question("ping_loss", Part.PREDICT, f"The share of pings without an answer, {link}.", SHARE),
        Question("reno", Part.PREDICT, "The rate of one Reno connection by Mathis' formula.", RATE),
        Question("hit", Part.PREDICT, "The share of requests that wait for a time-out.", SHARE),
        Question("percentile", Part.PREDICT, "The first that shows it.", choices=("p50", "p95", "p99")),
        Question("ping_loss_seen", Part.MEASURE, f"The loss that {PINGS} pings see.", SHARE),
        Question("reno_seen", Part.MEASURE, "iperf3's rate, at the receiver.", RATE),
        Question("sent_again_seen", Part.MEASURE, "Retransmissions of all segments captured.", SHARE),
        Question("hit_seen", Part.MEASURE, f"The share of {REQUESTS} requests that waited.", SHARE),
        Question("p95_seen", Part.MEASURE, "The 95th percentile of their times.", TIME),
        Question("p99_seen", Part.MEASURE, "The 99th percentile of their times.", TIME),
        Question("loss_for_p95", Part.EXPLAIN, "From which loss each way on would p95 show it?", SHARE),
        Question("why", Part.EXPLAIN, "Why does a lost request cost 200 ms, not a round trip?", choices=(
            "no-later-packet", "full-queue", "slow-server", "small-window")),
    )  # fmt: skip


def _start(lab: RunningLab, drawn: Lossy) -> str:
    transfer.stop_servers(lab)
    lab.clear_links()
    return f"the clients' link loses no {drawn.tenths / 10:g} % of its packets"


def _look(lab: RunningLab, drawn: Lossy, answers: Mapping[str, Answer]) -> Seen:
    """Measured last, and once all else is right: it takes some twenty seconds."""
    seen = Seen([_link_is_set(lab, drawn)], truths(drawn))
    if not all_right(judge(_questions(drawn), answers, seen)):
        return seen
    return replace(seen, compared=_compared(lab, drawn))


def _link_is_set(lab: RunningLab, drawn: Lossy) -> Judgement:
    what = f"the clients' link loses {drawn.tenths / 10:g} % and delays {drawn.milliseconds} ms each way"
    loss, delay = Condition(loss=drawn.loss), Condition(delay=drawn.milliseconds / 1e3)
    one_way = drawn.link.up
    anew = "without MODIFY=1 each make link sets all anew"
    known = (
        (Link(loss, loss), f"it has the loss and no delay; {anew}"),
        (Link(delay, delay), f"it has the delay and no loss; {anew}"),
        (Link(one_way, None), "it is set in one direction; leave DIRECTION out"),
        (Link(None, one_way), "it is set in one direction; leave DIRECTION out"),
    )
    return linked.judged(lab, ZONE, drawn.link, what, drawn.command, known)


def _compared(lab: RunningLab, drawn: Lossy) -> list[Compared]:
    """Each once: to repeat what chance decides until it agrees would prove nothing.

    Of the requests only those count here that lost SYN or SYN-ACK, and so waited a whole second: a busy VM
    makes others as late as their time-out would.
    """
    edge = lab.address("edge")
    pings = probes.pings(lab.probing, "client", edge, PROGRAMS, EACH, EVERY, drawn.rtt + 1)
    slow = transfer.slow_to_connect(lab, f"http://{edge}/edge-healthz", REQUESTS)
    sent = transfer.send(lab, SECONDS)
    both, rate = theory.hit_by_loss(drawn.loss, 2), reno(drawn, drawn.rtt)
    return [
        Compared(f"loss of {pings.sent} pings", SHARE, both, 1 - pings.received / pings.sent,
                 by_chance(pings.sent, both), chance=True),
        Compared(f"rate of Reno, {SECONDS} s", RATE, rate, sent.rate, RENO_SEEN * rate, chance=True),
        Compared(f"connections of {REQUESTS} 1 s late", SHARE, both, slow,
                 by_chance(REQUESTS, both), chance=True),
    ]  # fmt: skip


def _hints(drawn: Lossy) -> Sequence[str]:
    return (
        "Write down each packet of a ping, and of a request on a new connection. Which may not be lost?",
        "So many packets all arrive with (1 - p)^n. A ping is 2 of them; a request 3: SYN, SYN-ACK, request.",
        "Mathis: 1.22 · 1448 bytes / (RTT · √p); p as a share (1 % is 0.01), RTT twice the delay. Times 8 "
        "for bit/s.",
        f"{drawn.command}; ping -c {PINGS} -i 0.01 10.10.10.1, then iperf3 and curl as the page says.",
    )


def _do(lab: RunningLab, drawn: Lossy) -> None:
    control.change(lab.settings.project, ZONE, drawn.link, None)


def _answers(_: RunningLab, drawn: Lossy) -> dict[str, object]:
    """What theory says: what is measured differs from it by chance, which each check measures for itself."""
    both, three = (theory.hit_by_loss(drawn.loss, packets) for packets in (2, PACKETS))
    rate = reno(drawn, drawn.rtt)
    said = {"ping_loss": SHARE.show(both), "reno": RATE.show(rate), "hit": SHARE.show(three)}
    return {
        **said,
        **{f"{name}_seen": value for name, value in said.items()},
        "percentile": "p99",
        "sent_again_seen": SHARE.show(drawn.loss),
        "p95_seen": TIME.show(2 * drawn.rtt),
        "p99_seen": TIME.show(2 * drawn.rtt + 1),
        "loss_for_p95": "1.7 %",
        "why": "no-later-packet",
    }


def _one_direction(lab: RunningLab, drawn: Lossy) -> dict[str, object]:
    """Forgets that the answer may be lost too."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"ping_loss": SHARE.show(drawn.loss)}


def _no_root(lab: RunningLab, drawn: Lossy) -> dict[str, object]:
    """Forgets Mathis' square root."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"reno": RATE.show(reno(drawn, drawn.rtt) / drawn.loss**0.5)}


def _percent(lab: RunningLab, drawn: Lossy) -> dict[str, object]:
    """Puts percent into Mathis' formula."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"reno": RATE.show(reno(drawn, drawn.rtt) / 10)}


def _no_delay(lab: RunningLab, drawn: Lossy) -> dict[str, object]:
    """Sets the loss, and forgets the delay."""
    loss = Condition(loss=drawn.loss)
    control.change(lab.settings.project, ZONE, Link(loss, loss), None)
    return _answers(lab, drawn)


def _reset(lab: RunningLab, _: Lossy | None) -> None:
    transfer.stop_servers(lab)


EXERCISE = Exercise(
    number=6,
    name="loss",
    title="Loss",
    about="lost packets: pings, Mathis' formula, retransmissions, the slowest requests",
    minutes=60,
    draw=draw_lossy,
    numbers=numbers,
    questions=_questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=_answers,
    wrong={
        "one direction": _one_direction,
        "no root": _no_root,
        "percent": _percent,
        "no delay": _no_delay,
    },
    reset=_reset,
    known=known,
)
