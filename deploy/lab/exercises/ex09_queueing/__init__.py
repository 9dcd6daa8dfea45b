"""Exercise 9: Little's law, the knee, and a queue's wait by theory and on the lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.exercises import linked
from lab.exercises.bench import RunningLab
from lab.exercises.ex09_queueing import runs, truths, wrong
from lab.exercises.ex09_queueing.drawn import Drawn, draw
from lab.exercises.model import Answer, Exercise, Judgement, Part, Question, Seen
from lab.exercises.quantity import COUNT, PER_SECOND, TIME
from link.condition import Condition, Link


def _questions(drawn: Drawn) -> Sequence[Question]:
    think = f"{drawn.think} ms"
    return (
        Question("alone", Part.PREDICT, f"A request over {drawn.delay} ms each way, nobody before it.", TIME),
        Question("few", Part.PREDICT, f"Requests a second: {drawn.few} users, thinking {think}.", PER_SECOND),
        Question("knee", Part.PREDICT, f"With how many of them are {drawn.pace} a second reached?", COUNT),
        Question("many", Part.PREDICT, f"Requests a second of {drawn.many} such users.", PER_SECOND),
        Question("many_response", Part.PREDICT, "And how long does each of their requests take?", TIME),
        Question("open_response", Part.PREDICT, f"Mean time at {drawn.arrivals} arrivals/s, by M/M/1.", TIME),
        Question("open_under_way", Part.PREDICT, "And how many requests are under way on average?", COUNT),
        Question("few_seen", Part.MEASURE, f"Requests a second with {drawn.few} users.", PER_SECOND),
        Question("many_seen", Part.MEASURE, f"Requests a second with {drawn.many} users.", PER_SECOND),
        Question("many_response_seen", Part.MEASURE, "Mean time of a request in that run.", TIME),
        Question("open_response_seen", Part.MEASURE, "Mean time of a request of the arrivals.", TIME),
        Question("open_under_way_seen", Part.MEASURE, "How many of them were under way on average.", COUNT),
        Question("beyond_the_knee", Part.EXPLAIN, "What do more users bring beyond the knee?", choices=(
            "more-answers", "longer-waits", "refusals")),
        Question("less_than_mm1", Part.EXPLAIN, "Why do arrivals wait less than M/M/1 says?", choices=(
            "equal-service-times", "faster-link", "fewer-users", "cached-answers")),
    )  # fmt: skip


def _start(lab: RunningLab, drawn: Drawn) -> str:
    lab.clear_links()
    lab.own_limits()
    return f"the clients' link has no delay of {drawn.delay} ms, and there is no turnstile before /healthz"


def _look(lab: RunningLab, drawn: Drawn, _: Mapping[str, Answer]) -> Seen:
    seen = runs.found(drawn)
    done = [_link_is_set(lab, drawn), _turnstile_is_up(lab, drawn), *_were_run(drawn, seen)]
    if not all(judgement.passed for judgement in done):
        return Seen(done, truths.all_of(drawn, None))
    done.append(truths.ran(drawn, seen))
    return Seen(done, truths.all_of(drawn, seen), truths.compared(drawn, seen))


def _link_is_set(lab: RunningLab, drawn: Drawn) -> Judgement:
    what = f"the clients' link delays {drawn.delay} ms each way"
    half = Condition(delay=drawn.delay / 2e3)
    halved = (Link(half, half), "DELAY is one way already: do not halve it")
    return linked.judged(
        lab, wrong.ZONE, drawn.link, what, f"make link ZONE=clients DELAY={drawn.delay}ms", [halved]
    )


def _turnstile_is_up(lab: RunningLab, drawn: Drawn) -> Judgement:
    up = lab.limits().pace == drawn.pace
    what = f"the turnstile lets {drawn.pace} a second pass"
    return Judgement(what, up, "" if up else f"put it up: make limits PACE={drawn.pace}")


def _were_run(drawn: Drawn, seen: Mapping[str, runs.Law]) -> list[Judgement]:
    kinds = {
        "few": f"{drawn.few} users",
        "many": f"{drawn.many} users",
        "open": f"{drawn.arrivals} arrivals a second",
    }
    return [
        Judgement(f"{kind} were sent over that link", name in seen,
                  "" if name in seen else f"no run in runs/ is like it: {runs.command(drawn, name)}")
        for name, kind in kinds.items()
    ]  # fmt: skip


def _hints(drawn: Drawn) -> Sequence[str]:
    return (
        "A user's turn: ask, wait R for the answer, think Z. N users make N requests in each R + Z.",
        f"More than {drawn.pace} a second never pass. The knee is where N / (R + Z) comes to that.",
        "Beyond the knee X is known, so N = X·(R + Z) tells R. An open loop has no Z: there L = λ·R.",
        f"M/M/1: with U = λ/{drawn.pace} one waits U / (1 - U) / {drawn.pace} s; the trip comes on top.",
    )


def _do(lab: RunningLab, drawn: Drawn) -> None:
    wrong.prepare(lab, drawn)
    runs.run_all(lab, drawn)


EXERCISE = Exercise(
    number=9,
    name="queueing",
    title="Load and queueing",
    about="Little's law, the knee, waiting at random arrivals",
    minutes=60,
    draw=draw,
    numbers=lambda drawn: {
        "DELAY": f"{drawn.delay}ms",
        "PACE": str(drawn.pace),
        "THINK": f"{drawn.think}ms",
        "FEW": str(drawn.few),
        "MANY": str(drawn.many),
        "ARRIVALS": str(drawn.arrivals),
    },
    questions=_questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=wrong.right,
    wrong=wrong.WAYS,
    known=truths.known,
)
