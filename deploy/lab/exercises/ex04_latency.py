"""Exercise 4: what one-way delay does to a round trip, and round trips to a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab import theory
from lab.exercises import linked, timing
from lab.exercises.bench import RunningLab
from lab.exercises.model import Answer, Compared, Exercise, Judgement, Mistake, Part, Question, Seen, Truth
from lab.exercises.quantity import COUNT, TIME
from lab.exercises.student import Draw
from lab.tls import files, switch
from link.condition import Condition, Link

ZONE = "clients"
ABSOLUTE, RELATIVE = 1e-3, 0.03  # of what theory says, as round trips of 40 ms were seen to keep
SERVER = 3e-3  # seconds that the service itself takes, about
# Of what a student saw once, some minutes before the check did; a round trip more or less is a third or more.
OWN_ABSOLUTE, OWN_RELATIVE = 8e-3, 0.2
# What is asked of each kind of request: its round trips, and how a student names it.
KINDS = {"new_connection": (True, None), "kept_alive": (False, None), "new_tls13": (True, "TLSv1.3")}
FORGOT_HANDSHAKE = "a new connection first shakes hands: count that round trip, then the request's own"


@dataclass(frozen=True)
class Delay:
    """What a student draws: the one-way delay of the clients' link, in whole milliseconds."""

    milliseconds: int

    @property
    def link(self) -> Link:
        """The link that is asked for."""
        condition = Condition(delay=self.milliseconds / 1e3)
        return Link(condition, condition)

    @property
    def rtt(self) -> float:
        """The round trip that it adds, in seconds: both ways."""
        return 2 * self.milliseconds / 1e3


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
        return Seen(done, _truths(drawn, None))
    measured = _measure(lab, "client")
    return Seen(done, _truths(drawn, measured), _compared(drawn, measured, _measure(lab, "edge")))


def _link_is_set(lab: RunningLab, drawn: Delay) -> Judgement:
    now, what = lab.link(ZONE), f"the clients' link delays {drawn.milliseconds} ms each way"
    if linked.same(now, drawn.link):
        lab.measured_link(ZONE)
        return Judgement(what, True)
    half = Condition(delay=drawn.milliseconds / 2e3)
    if linked.same(now, Link(half, half)):
        hint = "DELAY is one way already: do not halve it"
    elif Link() == now:
        hint = f"it has no condition: make link ZONE=clients DELAY={drawn.milliseconds}ms"
    else:
        hint = (
            f"it has another condition (make link-show): make link ZONE=clients DELAY={drawn.milliseconds}ms"
        )
    return Judgement(what, False, hint)


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


def _predicted(drawn: Delay) -> dict[str, float]:
    trips = {name: theory.round_trips(new=new, tls=tls) for name, (new, tls) in KINDS.items()}
    return {"rtt": drawn.rtt} | {name: count * drawn.rtt for name, count in trips.items()}


def _truths(drawn: Delay, measured: Mapping[str, float] | None) -> list[Truth]:
    own = [_own(f"{name}_seen", (measured or {}).get(name)) for name in _predicted(drawn)]
    return [*own, *_known(drawn)]


def _known(drawn: Delay) -> list[Truth]:
    """The truths that need no lab."""
    guessed = [_prediction(name, value, drawn) for name, value in _predicted(drawn).items()]
    return [*guessed, *_explained()]


def _prediction(name: str, value: float, drawn: Delay) -> Truth:
    one_way = Mistake(value / 2, "DELAY is one way, and a round trip goes there and back: twice the delay")
    # Half of two round trips is one: whoever says so rather forgot the handshake than halved the delay.
    known = (Mistake(value - drawn.rtt, FORGOT_HANDSHAKE), one_way) if value > drawn.rtt else (one_way,)
    otherwise = "count the round trips: each is twice the delay"
    # SERVER beside theory's own tolerance: who adds the few milliseconds of the server is not wrong.
    return Truth(name, value, ABSOLUTE + SERVER, RELATIVE, known, otherwise)


def _own(name: str, value: float | None) -> Truth:
    if value is None:
        return Truth(name, -1.0, otherwise="first set the link and switch HTTPS on, then measure")
    otherwise = (
        "not what the check saw just now on the same link; measure again: docs/exercises/04-latency.md"
    )
    return Truth(name, value, OWN_ABSOLUTE, OWN_RELATIVE, otherwise=otherwise)


def _explained() -> list[Truth]:
    forgot = Mistake(3.0, "TLS 1.2 takes two round trips to agree, not one")
    only = Mistake(2.0, "that is the handshake of TLS 1.2 alone; TCP's comes first, and the request after it")
    cached = Mistake("cached-answer", "a cache saves the server's time, not a round trip; X-Cache would tell")
    return [
        Truth(
            "tls12_round_trips", 4.0, 0.1, mistakes=(forgot, only), otherwise="TCP, TLS, and then the request"
        ),
        Truth("why", "no-handshake", mistakes=(cached,), otherwise="look at num_connects of both requests"),
    ]


def _compared(
    drawn: Delay, measured: Mapping[str, float], at_the_edge: Mapping[str, float]
) -> list[Compared]:
    """Theory is of the wire: what curl, TLS and the service take without one is added to it."""
    names = {"rtt": "round trip"} | {name: name.replace("_", " ") for name in KINDS}
    return [
        Compared(names[name], TIME, value, measured[name], max(ABSOLUTE + SERVER, RELATIVE * value))
        for name, value in ((name, trips + at_the_edge[name]) for name, trips in _predicted(drawn).items())
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
    said = {name: TIME.show(value) for name, value in _predicted(drawn).items()}
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
    known=_known,
)
