"""What exercise 11 draws and asks, and what theory and the student's runs answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.exercises.ex11_honest import pairs
from lab.exercises.ex11_honest.pairs import Pairs
from lab.exercises.model import Compared, Mistake, Part, Question, Truth
from lab.exercises.quantity import COUNT, TIME
from lab.exercises.student import Draw
from lab.load import percentiles
from lab.load.records import Records

LENGTH = 20.0  # seconds of requests in a run
USERS = 250  # of the open loop: more than any stall here makes wait
MILLISECONDS, HALF, WHOLE = "milliseconds", "half-the-stall", "nearly-the-stall"
SENT_NOTHING = "sent-nothing-meanwhile"
FIRST_RUN = "first make both runs with the freeze in them, then count in their requests.csv"


@dataclass(frozen=True)
class Stall:
    """What a student draws: tenths of a second that the edge stands still, arrivals per second, and pairs."""

    tenths: int
    rate: int
    pairs: Pairs

    @property
    def seconds(self) -> float:
        """How long the edge stands still."""
        return self.tenths / 10

    @property
    def think_ms(self) -> int:
        """The closed loop's pause, with which one user sends about as often, in ms."""
        return round(1000 / self.rate)


def draw(from_: Draw) -> Stall:
    """Stalls of less than a tenth of a run would be too few requests, longer ones ask for more users."""
    return Stall(from_.whole(16, 30), from_.whole(30, 50, 2), pairs.draw(from_))


def questions(drawn: Stall) -> Sequence[Question]:
    """What is asked."""
    stall, rate, two = f"{drawn.seconds:g} s", f"{drawn.rate} reads/s for {LENGTH:g} s", drawn.pairs
    return (
        Question("hit", Part.PREDICT, f"Open loop, {rate}, stall of {stall}: how many begin in it?", COUNT),
        Question("p99_open", Part.PREDICT, "The 99th percentile of all its response times.", TIME),
        Question("mean_open", Part.PREDICT, "Their mean.", TIME),
        Question("p99_closed", Part.PREDICT, "And the 99th percentile of one user who waits for answers?",
            choices=(MILLISECONDS, HALF, WHOLE)),
        Question("hit_seen", Part.MEASURE, "Open loop: how many took longer than half the stall?", COUNT),
        Question("p99_open_seen", Part.MEASURE, "Its 99th percentile.", TIME),
        Question("mean_open_seen", Part.MEASURE, "Its mean.", TIME),
        Question("p99_closed_seen", Part.MEASURE, "The closed loop's 99th percentile.", TIME),
        Question("lowest", Part.MEASURE, "The lowest of your five medians.", TIME),
        Question("highest", Part.MEASURE, "The highest of them.", TIME),
        Question("felt", Part.EXPLAIN, "Of those who come when they like: how long did the unluckiest "
            "hundredth wait at least?", TIME),
        Question("why", Part.EXPLAIN, "Why does the closed loop not show the stall?", choices=(
            SENT_NOTHING, "better-connection", "answers-from-a-cache", "too-short-a-run")),
        Question("helps", Part.EXPLAIN, "Medians in ms before>after two changes, five pairs each. "
            f"x: {two.words('x')}. y: {two.words('y')}. Which of them helps?", choices=pairs.CHANGES),
        Question("gain", Part.EXPLAIN, "By how much, by the median of its pairs?", TIME),
    )  # fmt: skip


def predicted(drawn: Stall) -> dict[str, float]:
    """What theory says of the open loop, whose arrivals are even.

    Who comes t into a stall of S waits S - t, so waits are spread evenly from S down to 0 over λS requests.
    Of all λT a hundredth waits longer than S - T/100, and the mean over all is (S/2)·(S/T). The line that is
    worked off when the stall is over is left out: the edge is some twenty times as fast as requests come.
    """
    stall = drawn.seconds
    return {
        "hit": drawn.rate * stall,
        "p99_open": stall - LENGTH / 100,
        "mean_open": stall**2 / (2 * LENGTH),
    }


def p99(rows: Records) -> float:
    """The 99th percentile of a run's response times, in seconds."""
    return percentiles.at(rows.response_ms, 99) / 1e3


def measured(drawn: Stall, open_loop: Records, closed_loop: Records) -> dict[str, float]:
    """What the runs show, in base units; `stall` is the stall as the closed loop's one user met it."""
    times = open_loop.response_ms / 1e3
    return {
        "hit_seen": float((times > drawn.seconds / 2).sum()),
        "p99_open_seen": p99(open_loop),
        "mean_open_seen": float(times.mean()),
        "p99_closed_seen": p99(closed_loop),
        "stall": float(closed_loop.response_ms.max()) / 1e3,
    }


def guessed(drawn: Stall) -> list[Truth]:
    """The truth of each prediction."""
    value, stall = predicted(drawn), drawn.seconds
    alone = Mistake(stall / 2, "that is the mean of those who were hit; all others are in it as well")
    return [
        Truth("hit", value["hit"], 2.0, 0.05, (
            Mistake(float(USERS), "users are only there to take the arrivals: how many arrive in the stall?"),
            Mistake(drawn.rate * LENGTH, "that is all of them; how many come while the edge stands still?"),
            Mistake(1.0, "that is the closed loop's one user; here they come whoever waits"),
            ), "arrivals a second times the stall's seconds"),
        Truth("p99_open", value["p99_open"], 0.12, 0.04, (
            Mistake(stall / 2, "that is the mean of those who were hit; and the worst hundredth?"),
            Mistake(stall, "that is the longest wait, of one; a hundredth of all waits longer than the p99"),
            ), "sort all by their wait: the first in the stall wait longest. Where is the hundredth part?"),
        Truth("mean_open", value["mean_open"], 0.01, 0.15, (alone,),
            "those who are hit wait half the stall on average; which share of all are they?"),
        Truth("p99_closed", MILLISECONDS, otherwise=
            "one user waits out the stall with one request: is that one in a hundred of all it sends?"),
    ]  # fmt: skip


def known(drawn: Stall) -> list[Truth]:
    """The truths that need no lab."""
    return [*guessed(drawn), *explained(drawn)]


def counted(seen: dict[str, float] | None) -> list[Truth]:
    """The truth of what was to be read from the runs; without runs there is none."""
    if seen is None:
        names = ("hit_seen", "p99_open_seen", "mean_open_seen", "p99_closed_seen", "felt")
        return [Truth(name, -1.0, otherwise=FIRST_RUN) for name in names]
    closed = Mistake(
        seen["p99_closed_seen"],
        "that is the closed loop's: it sent nothing during the stall, so who came then is not in it",
    )
    mean = Mistake(
        seen["mean_open_seen"], "that is the mean, which the many quick ones pull down: it is nobody's wait"
    )
    again = "not what your latest run shows; read it again as the page says"
    truths = [
        Truth("hit_seen", seen["hit_seen"], 2.0, 0.02, otherwise=again),
        Truth("p99_open_seen", seen["p99_open_seen"], 2e-3, 0.03, (closed,), again),
        Truth("mean_open_seen", seen["mean_open_seen"], 2e-3, 0.03, otherwise=again),
        Truth("p99_closed_seen", seen["p99_closed_seen"], 2e-3, 0.03, otherwise=again),
    ]
    # Between p99 and the longest wait there is little, and both are what people felt.
    return [*truths, Truth("felt", seen["p99_open_seen"], 0.05, 0.1, (closed, mean), again)]


def explained(drawn: Stall) -> list[Truth]:
    """The truth of what was to be explained."""
    two = drawn.pairs
    lucky = (
        f"the first pair of {two.idle} is better by {-two.differences(two.idle)[0]} ms, and its others point "
        "both ways: that is noise. Which change points the same way in every pair?"
    )
    return [
        Truth("why", SENT_NOTHING, otherwise="look when it sent its requests: column 1 around the stall"),
        Truth("helps", two.helps, mistakes=(Mistake(two.idle, lucky),)),
        Truth("gain", two.gain / 1e3, 1e-5, mistakes=(
            Mistake(-two.differences(two.idle)[0] / 1e3, f"that is one pair alone: {lucky}"),),
            otherwise="before minus after in each of its five pairs; the middle one of these five"),
    ]  # fmt: skip


def noise(medians: Sequence[float]) -> list[Truth]:
    """The truth of the student's own five medians, by five of the check's: how busy a VM is changes within
    minutes, so that only what is another quantity altogether is refused."""
    low, high = min(medians), max(medians)
    otherwise = (
        "the check just measured five medians of {:.1f} to {:.1f} ms; mind the unit: curl prints seconds"
    )
    return [
        Truth(name, high, max(10 * high, 0.25) - high, otherwise=otherwise.format(low * 1e3, high * 1e3))
        for name in ("lowest", "highest")
    ]


def compared(drawn: Stall, seen: dict[str, float]) -> list[Compared]:
    """The open loop beside theory, for the stall as the closed loop met it at the same time: on a busy VM
    the engine thaws late. (The mean has in it whatever else was slow, which is to be learned here.)

    The tolerances are wide: with twenty programs waiting for two processors, the
    line behind the stall took a second to work off, and added 46 % and 0.9 s to what theory says.
    """
    stall = seen["stall"]
    slow, tail = drawn.rate * (stall - drawn.seconds / 2), stall - LENGTH / 100
    return [
        Compared("longer than half the stall", COUNT, slow, seen["hit_seen"], 0.5 * slow),
        Compared("p99, open loop", TIME, tail, seen["p99_open_seen"], 0.3 + 0.25 * tail),
    ]
