"""What is right in exercise 9, what is often said instead, and theory beside measurement. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab import theory
from lab.exercises.ex09_queueing.drawn import Drawn
from lab.exercises.ex09_queueing.runs import Law
from lab.exercises.model import Compared, Judgement, Mistake, Truth
from lab.exercises.quantity import COUNT, PER_SECOND, TIME

SERVER = 8e-3  # seconds that a student may add for the service itself
READ = 0.03  # of what a run's own report says: rounding
# How near they come on a busy VM: Little's law, the turnstile, R beyond the knee; few users, by chance.
IDENTITY, PACE, CROWD, CHANCE = 0.08, 0.06, 0.12, 0.12
WAIT, WAIT_SHARE = 12e-3, 0.3
SEEN = ("few_seen", "many_seen", "many_response_seen", "open_response_seen", "open_under_way_seen")


def all_of(drawn: Drawn, seen: Mapping[str, Law] | None) -> list[Truth]:
    """The truth of each question."""
    return [*known(drawn), *_own(seen)]


def known(drawn: Drawn) -> list[Truth]:
    """The truths that need no lab."""
    return [*_closed(drawn), *_open(drawn), *_explained()]


def _closed(drawn: Drawn) -> list[Truth]:
    no_wait = "a user waits for the answer before thinking: a turn takes R + Z"
    no_think = "that is a user who never pauses: a turn takes R + Z, so N / (R + Z)"
    straight = drawn.many / (drawn.alone + drawn.pause)
    few = drawn.rate_of(drawn.few)
    return [
        Truth("alone", drawn.alone, SERVER, 0.03,
              (Mistake(drawn.delay / 1e3, "the delay is one way: a request goes there and back"),),
              "nobody to wait for: only the round trip"),
        Truth("few", few, 0.0, 0.025,
              (Mistake(drawn.few / drawn.pause, no_wait), Mistake(drawn.few / drawn.alone, no_think)),
              "how long does one turn of a user take, from request to request? N users take N in that time"),
        Truth("knee", drawn.knee, 0.6, 0.03,
              (Mistake(drawn.alone * drawn.pace, no_think), Mistake(drawn.pause * drawn.pace, no_wait)),
              "where N / (R + Z) meets what the turnstile lets through"),
        Truth("many", float(drawn.pace), 0.0, 0.03,
              (Mistake(straight, "beyond the knee more users bring no more: the turnstile is busy already"),),
              "who decides beyond the knee, the users or the turnstile?"),
        Truth("many_response", drawn.crowded, SERVER, 0.03,
              (Mistake(drawn.many / drawn.pace, "that is R + Z: a user spends Z of his turn thinking"),
               Mistake(drawn.alone, "that is without a queue, and beyond the knee there always is one")),
              "the interactive law: N = X·(R + Z), solved for R"),
    ]  # fmt: skip


def _open(drawn: Drawn) -> list[Truth]:
    wait, service = drawn.queued - drawn.alone, 1 / drawn.pace
    nobody = Mistake(
        drawn.alone, "arrivals at random come in bunches: some wait though the turnstile is idle at times"
    )
    no_trip = Mistake(wait, "that is the wait alone; the round trip comes on top of it")
    held = Mistake(
        drawn.queued + service,
        "the turnstile holds nobody who finds it free: add the wait in the queue, not S again",
    )
    upside_down = Mistake(drawn.arrivals / drawn.queued, "L = λ·R, a product: who stays longer is there more")
    return [
        Truth("open_response", drawn.queued, SERVER, 0.04, (nobody, no_trip, held),
              "R₁ + U·S / (1 - U), with S = 1 / pace and U = λ·S"),
        Truth("open_under_way", drawn.under_way, 0.0, 0.12, (upside_down,), "Little's law: L = λ·R"),
    ]  # fmt: skip


def _own(seen: Mapping[str, Law] | None) -> list[Truth]:
    """What a student read in the reports of the very runs that the check has read, too."""
    if seen is None:
        return [
            Truth(name, -1.0, otherwise="first the link, the turnstile and the three runs") for name in SEEN
        ]
    few, many, arrived = seen["few"], seen["many"], seen["open"]
    thinking = Mistake(
        few.rate * few.time, "that is how many were under way; it is asked how many came a second"
    )
    values = (few.rate, many.rate, many.time, arrived.time, arrived.counted)
    mistakes: Sequence[tuple[Mistake, ...]] = ((thinking,), (), (), (), ())
    return [
        Truth(
            name, value, 0.006 if "response" in name else 0.06, READ, often, "not what your newest run says"
        )
        for name, value, often in zip(SEEN, values, mistakes, strict=True)
    ]


def _explained() -> list[Truth]:
    more = Mistake("more-answers", "compare the requests per second of your two closed runs with the users")
    link = Mistake("faster-link", "the link is the same in all three runs: make link-show")
    return [
        Truth("beyond_the_knee", "longer-waits", mistakes=(more,), otherwise="which of X and R grew with N?"),
        Truth("less_than_mm1", "equal-service-times", mistakes=(link,),
              otherwise="M twice is arrivals at random and service at random; is it, at the turnstile?"),
    ]  # fmt: skip


def ran(drawn: Drawn, seen: Mapping[str, Law]) -> Judgement:
    """Whether the many users met the turnstile: nothing in a run's report says so but its rate."""
    what = f"{drawn.many} users met the turnstile"
    rate = seen["many"].rate
    if abs(rate - drawn.pace) <= PACE * drawn.pace:
        return Judgement(what, True)
    return Judgement(
        what,
        False,
        f"they sent {rate:.3g} a second, where it lets {drawn.pace} pass; put it up before the runs: "
        f"make limits PACE={drawn.pace}",
    )


def compared(drawn: Drawn, seen: Mapping[str, Law]) -> list[Compared]:
    """Theory beside measurement, one run each: of some 60, 100 and 100 requests."""
    few, many, arrived = seen["few"], seen["many"], seen["open"]
    own = theory.interactive_rate(drawn.few, few.time, drawn.pause)
    counted = theory.little(arrived.rate, arrived.time)
    crowded = drawn.crowded
    # What an answer takes at the edge beside the turnstile, as seen where hardly anybody waits for it.
    expected = arrived.expected + max(0.0, few.waited - few.expected)
    return [
        Compared("rate of few users, N / (R + Z)", PER_SECOND, own, few.rate, CHANCE * own),
        Compared("rate beyond the knee", PER_SECOND, float(drawn.pace), many.rate, PACE * drawn.pace),
        Compared("response time beyond it, N / X - Z", TIME, crowded, many.time, CROWD * crowded),
        Compared("requests under way, λ·R", COUNT, counted, arrived.counted, IDENTITY * counted),
        Compared("wait of these arrivals", TIME, expected, arrived.waited, WAIT + WAIT_SHARE * expected),
    ]
