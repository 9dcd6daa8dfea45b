"""The right answers of exercise 9 and typical wrong ways: each acts on the lab and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lab.exercises.bench import RunningLab
from lab.exercises.ex09_queueing import runs
from lab.exercises.ex09_queueing.drawn import Drawn
from lab.exercises.quantity import COUNT, PER_SECOND, TIME
from link.condition import Condition, Link

ZONE = "clients"


def prepare(lab: RunningLab, drawn: Drawn) -> None:
    """The link and the turnstile, unless they are there."""
    if lab.link(ZONE) != drawn.link:
        lab.set_link(ZONE, drawn.link)
    if lab.limits().pace != drawn.pace:
        lab.set_limits(replace(lab.limits(), pace=drawn.pace))


def right(_: RunningLab, drawn: Drawn) -> dict[str, object]:
    """The right answers on a lab where all is done: theory's, and what the newest runs say."""
    seen = runs.found(drawn)
    few, many, arrived = seen["few"], seen["many"], seen["open"]
    return {
        "alone": TIME.show(drawn.alone),
        "few": PER_SECOND.show(drawn.rate_of(drawn.few)),
        "knee": COUNT.show(drawn.knee),
        "many": PER_SECOND.show(drawn.rate_of(drawn.many)),
        "many_response": TIME.show(drawn.crowded),
        "open_response": TIME.show(drawn.queued),
        "open_under_way": COUNT.show(drawn.under_way),
        "few_seen": PER_SECOND.show(few.rate),
        "many_seen": PER_SECOND.show(many.rate),
        "many_response_seen": TIME.show(many.time),
        "open_response_seen": TIME.show(arrived.time),
        "open_under_way_seen": COUNT.show(arrived.counted),
        "beyond_the_knee": "longer-waits",
        "less_than_mm1": "equal-service-times",
    }


def _but(lab: RunningLab, drawn: Drawn, **answers: object) -> dict[str, object]:
    """Other answers to some, on a lab where it is done: these ways only answer wrongly."""
    prepare(lab, drawn)
    if len(runs.found(drawn)) < len(runs.SECONDS):
        runs.run_all(lab, drawn)
    return right(lab, drawn) | answers


def _forgets_thinking(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Takes users for arrivals that never pause."""
    never = {"few": drawn.few / drawn.alone, "knee": drawn.alone * drawn.pace}
    return _but(
        lab, drawn, few=PER_SECOND.show(never["few"]), knee=COUNT.show(never["knee"]),
        many_response=TIME.show(drawn.many / drawn.pace),
    )  # fmt: skip


def _divides(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Little's law upside down."""
    return _but(lab, drawn, open_under_way=COUNT.show(drawn.arrivals / drawn.queued))


def _more_users(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Expects of twice the users twice the answers, beyond the knee, too."""
    straight = drawn.many / (drawn.alone + drawn.pause)
    return _but(lab, drawn, many=PER_SECOND.show(straight), beyond_the_knee="more-answers")


def _half_the_delay(lab: RunningLab, drawn: Drawn) -> dict[str, object]:
    """Sets a link whose round trip is the delay."""
    answers = _but(lab, drawn)
    half = Condition(delay=drawn.delay / 2e3)
    lab.set_link(ZONE, Link(half, half))
    return answers


WAYS: Mapping[str, Callable[[RunningLab, Drawn], Mapping[str, object]]] = {
    "forgets thinking": _forgets_thinking,
    "divides": _divides,
    "more users, more answers": _more_users,
    "half the delay": _half_the_delay,
}
