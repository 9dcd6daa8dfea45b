"""Exercise 4: what one-way delay does to a round trip, and round trips to a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.exercises import linked, timing
from lab.exercises.bench import RunningLab
from lab.exercises.ex04_latency.truths import (
    ABSOLUTE,
    KINDS,
    RELATIVE,
    SERVER,
    Delay,
    known,
    predicted,
    truths,
)
from lab.exercises.model import Answer, Compared, Exercise, Judgement, Part, Question, Seen
from lab.exercises.quantity import COUNT, TIME
from lab.exercises.student import Draw
from lab.tls import files, switch
from link.condition import Condition, Link

ZONE = "clients"


def _draw(draw: Draw) -> Delay:
    return Delay(draw.whole(25, 60))


def _questions(drawn: Delay) -> Sequence[Question]:
    delay = f"{drawn.milliseconds} ms"
    return (
        Question("rtt", Part.PREDICT, f"The round trip over a link that delays by {delay} each way.", TIME),
        Question("new_connection", Part.PREDICT, "Time to an answer's first byte, new connection.", TIME),
        Question("kept_alive", Part.PREDICT, "The same on a connection that is open already.", TIME),
        Question("new_tls13", Part.PREDICT, "The same on a new connection with TLS 1.3.", TIME),
        Question("rtt_seen", Part.MEASURE, "The round trip that ping shows, client to edge.", TIME),
        Question("new_connection_seen", Part.MEASURE, "time_starttransfer of curl, a new connection.", TIME),
        Question("kept_alive_seen", Part.MEASURE, "time_starttransfer of curl's second request.", TIME),
        Question("new_tls13_seen", Part.MEASURE, "time_starttransfer of curl, https, new connection.", TIME),
        Question("tls12_round_trips", Part.EXPLAIN, "And how many round trips with TLS 1.2?", COUNT),
        Question("why", Part.EXPLAIN, "Why is the kept-alive request faster?", choices=(
            "no-handshake", "cached-answer", "shorter-route", "less-data")),
    )  # fmt: skip


def _start(lab: RunningLab, drawn: Delay) -> str:
    lab.clear_links()
    lab.https_off()
    return f"the clients' link has no delay of {drawn.milliseconds} ms, and HTTPS is off"


def _look(lab: RunningLab, drawn: Delay, _: Mapping[str, Answer]) -> Seen:
    done = [_link_is_set(lab, drawn), _https_is_on(lab)]
    if not all(judgement.passed for judgement in done):
        return Seen(done, truths(drawn, None))
    measured, compared = _settled(lab, drawn)
    return Seen(done, truths(drawn, measured), compared)


def _settled(lab: RunningLab, drawn: Delay) -> tuple[dict[str, float], list[Compared]]:
    """What is measured, again while it differs from theory: a VM that is busy for a moment slows it down."""
    for _ in linked.takes():
        measured = _measure(lab, "client")
        compared = _compared(drawn, measured, _measure(lab, "edge"))
        if all(one.agrees for one in compared):
            break
    return measured, compared


def _link_is_set(lab: RunningLab, drawn: Delay) -> Judgement:
    what = f"the clients' link delays {drawn.milliseconds} ms each way"
    half = Condition(delay=drawn.milliseconds / 2e3)
    often = [(Link(half, half), "DELAY is one way already: do not halve it")]
    command = f"make link ZONE=clients DELAY={drawn.milliseconds}ms"
    found = linked.judged(lab, ZONE, drawn.link, what, command, often)
    if found.passed:
        lab.measured_link(ZONE)
    return found


def _https_is_on(lab: RunningLab) -> Judgement:
    return Judgement(
        "HTTPS is on at the edge", lab.https_is_on(), "" if lab.https_is_on() else "switch it on: make tls"
    )


def _measure(lab: RunningLab, host: str) -> dict[str, float]:
    """What the student was asked to see, seen again; from the edge itself: the same without any link."""
    edge = lab.address("edge")
    plain, secure = (timing.requests(lab, f"{scheme}://{edge}/healthz", host) for scheme in ("http", "https"))
    return {
        "rtt": timing.round_trip(lab, edge, host),
        "new_connection": plain.new,
        "kept_alive": plain.kept_alive,
        "new_tls13": secure.new,
    }


def _compared(
    drawn: Delay, measured: Mapping[str, float], at_the_edge: Mapping[str, float]
) -> list[Compared]:
    """Theory is of the wire: what curl, TLS and the service take without one is added to it."""
    names = {"rtt": "round trip"} | {name: name.replace("_", " ") for name in KINDS}
    return [
        Compared(names[name], TIME, value, measured[name], max(ABSOLUTE + SERVER, RELATIVE * value))
        for name, value in ((name, trips + at_the_edge[name]) for name, trips in predicted(drawn).items())
    ]


def _hints(drawn: Delay) -> Sequence[str]:
    return (
        "Draw a line for each packet: SYN there, SYN/ACK back. When may the request leave?",
        f"One round trip is there and back: 2 · {drawn.milliseconds} ms. The rest is counting round trips.",
        "TCP's handshake 1, TLS 1.3's 1, TLS 1.2's 2, the request 1; kept alive, only the last.",
        f"make link ZONE=clients DELAY={drawn.milliseconds}ms; make tls; then from the client curl a URL "
        "twice, with -w '%{time_starttransfer} %{num_connects}\\n'.",
    )


def _do(lab: RunningLab, drawn: Delay) -> None:
    _set(lab, drawn.link)


def _set(lab: RunningLab, link: Link) -> None:
    lab.set_link(ZONE, link)
    if not files.is_on():
        switch.turn_on(lab.settings, lab.plan, [])


def _answers(lab: RunningLab, drawn: Delay) -> dict[str, object]:
    said = {name: TIME.show(value) for name, value in predicted(drawn).items()}
    seen = {f"{name}_seen": TIME.show(value) for name, value in _measure(lab, "client").items()}
    return {**said, **seen, "tls12_round_trips": "4", "why": "no-handshake"}


def _one_way(lab: RunningLab, drawn: Delay) -> dict[str, object]:
    """Takes the delay for the round trip."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"rtt": TIME.show(drawn.rtt / 2), "kept_alive": TIME.show(drawn.rtt / 2)}


def _no_handshake(lab: RunningLab, drawn: Delay) -> dict[str, object]:
    """Forgets that a new connection shakes hands first."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"new_connection": TIME.show(drawn.rtt)}


def _halved_link(lab: RunningLab, drawn: Delay) -> dict[str, object]:
    """Sets half the delay, as if DELAY were the round trip."""
    half = Condition(delay=drawn.milliseconds / 2e3)
    _set(lab, Link(half, half))
    return _answers(lab, drawn)


EXERCISE = Exercise(
    number=4,
    name="latency",
    title="Latency",
    about="round trips of a request: new connection, keep-alive, TLS",
    minutes=45,
    draw=_draw,
    numbers=lambda drawn: {"DELAY": f"{drawn.milliseconds}ms"},
    questions=_questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=_answers,
    wrong={"one way": _one_way, "no handshake": _no_handshake, "halved link": _halved_link},
    known=known,
)
