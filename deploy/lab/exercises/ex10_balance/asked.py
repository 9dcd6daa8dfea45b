"""What exercise 10 draws and asks, and the answers that theory and the student's run give. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab import stage
from lab.exercises.ex10_balance.timeline import Timeline
from lab.exercises.model import Compared, Mistake, Part, Question, Truth
from lab.exercises.quantity import COUNT, PER_SECOND, SHARE, TIME
from lab.exercises.student import Draw

CONNECT_TIMEOUT = 3.0  # seconds, proxy_connect_timeout in nginx/proxy.conf
FAIL_TIMEOUT, ALL_TRIES = 5.0, 10.0  # seconds: fail_timeout, and proxy_next_upstream_timeout
# Of a share: in the shortest part that counts there are some 50 requests, and on a busy VM one replica is
# slower than the other for a moment, and gets fewer.
SHARE_TOLERANCE = 0.25
POST = "may-be-done-twice"
NO_RUN = "first make the run in which one is drained and one killed, then count in its requests.csv"


@dataclass(frozen=True)
class Balance:
    """What a student draws: which replica is drained, which is killed, and requests per second."""

    drained: str
    killed: str
    rate: int

    @property
    def left(self) -> str:
        """The replica that is left at the end."""
        return next(name for name in stage.REPLICAS if name not in (self.drained, self.killed))


def draw(from_: Draw) -> Balance:
    """Rates are divisible by six, so that thirds and halves are whole."""
    drained, killed = from_.some_of(stage.REPLICAS, 2)
    return Balance(drained, killed, from_.whole(36, 84, 6))


def questions(drawn: Balance) -> Sequence[Question]:
    """What is asked."""
    rate, drained, killed, left = f"{drawn.rate} reads/s", drawn.drained, drawn.killed, drawn.left
    return (
        Question("each_of_three", Part.PREDICT, f"{rate}: how many does each of three get?", PER_SECOND),
        Question("each_of_two", Part.PREDICT, f"And each of two, once {drained} is drained?", PER_SECOND),
        Question("last_one", Part.PREDICT, f"And {left} once {killed} is dead as well?", PER_SECOND),
        Question("failed", Part.PREDICT, f"Which share of all reads fails because {killed} dies?", SHARE),
        Question("slowest", Part.PREDICT, "How long does the slowest read take then?", TIME),
        Question("served_by_last", Part.MEASURE, f"How many reads did {left} answer in your run?", COUNT),
        Question("failed_seen", Part.MEASURE, "How many reads failed in it?", COUNT),
        Question("slowest_seen", Part.MEASURE, "How long did its slowest read take?", TIME),
        Question("post", Part.EXPLAIN, "Why does Nginx not ask again for a POST that was sent?", choices=(
            POST, "too-large", "not-cached", "has-no-token")),
        Question("speedup", Part.EXPLAIN, "Your VM's processors: nproc. Each replica has WEB_WORKERS (.env) "
            "processes. If each request keeps a processor busy: how many times as many per second can three "
            "replicas answer as one?", COUNT),
    )  # fmt: skip


def predicted(drawn: Balance) -> dict[str, float]:
    """What theory says to the questions of [predict]."""
    return {
        "each_of_three": drawn.rate / 3,
        "each_of_two": drawn.rate / 2,
        "last_one": float(drawn.rate),
        "failed": 0.0,
        "slowest": CONNECT_TIMEOUT,
    }


def speedup(processors: int, workers: int) -> float:
    """How many times as much three replicas do as one: no more processes work than there are processors."""
    return min(processors, 3 * workers) / min(processors, workers)


def guessed(drawn: Balance) -> list[Truth]:
    """The truth of each prediction."""
    value, rate = predicted(drawn), float(drawn.rate)
    asked_again = (
        "a read whose replica is dead is asked of the next one: proxy_next_upstream in nginx/proxy.conf"
    )
    taken_over = "those who are left take over what the others got: divide all reads by how many are left"
    shared = Mistake(rate, "that is all of them: three share it")
    return [
        Truth("each_of_three", value["each_of_three"], relative=0.03, mistakes=(shared,),
            otherwise="Nginx asks the replica with the fewest requests under way, of equals each in turn"),
        Truth("each_of_two", value["each_of_two"], relative=0.03, otherwise=taken_over),
        Truth("last_one", value["last_one"], relative=0.03, otherwise=taken_over),
        Truth("failed", 0.0, absolute=0.004, mistakes=tuple(
            Mistake(share, f"that share would be sent to it if nobody noticed; {asked_again}")
            for share in (1 / 2, 1 / 3)), otherwise=asked_again),
        Truth("slowest", CONNECT_TIMEOUT, absolute=0.4, mistakes=(
            Mistake(FAIL_TIMEOUT, "that is fail_timeout: for so long a dead replica is not asked at all"),
            Mistake(ALL_TRIES, "that is for all tries together; the first one gives up sooner"),
            ), otherwise="a dead replica's address is silent: how long does Nginx wait for a connection?"),
    ]  # fmt: skip


def counted(drawn: Balance, seen: Timeline | None) -> list[Truth]:
    """The truth of what was to be read from the run; without one of which there is none."""
    if seen is None:
        names = ("served_by_last", "failed_seen", "slowest_seen")
        return [Truth(name, -1.0, otherwise=NO_RUN) for name in names]
    value = measured(drawn, seen)
    others = tuple(
        Mistake(float(seen.served(name)), f"that is what {name} answered; {drawn.left} was left")
        for name in (drawn.drained, drawn.killed)
    )
    return [
        Truth("served_by_last", value["served_by_last"], 2.0, mistakes=others,
            otherwise=f"count the lines of your latest run's requests.csv whose served_by is {drawn.left}"),
        Truth("failed_seen", value["failed_seen"], 0.1, otherwise="make loadtest's table says it: failed"),
        Truth("slowest_seen", value["slowest_seen"], 2e-3, 0.02,
            otherwise="the largest response_ms of your latest run's requests.csv, in milliseconds"),
    ]  # fmt: skip


def measured(drawn: Balance, seen: Timeline) -> dict[str, float]:
    """What the run shows; times in seconds."""
    return {
        "served_by_last": float(seen.served(drawn.left)),
        "failed_seen": float(seen.rows.failed.sum()),
        "slowest_seen": float(seen.rows.response_ms.max()) / 1e3,
    }


def explained(processors: int, workers: int) -> list[Truth]:
    """The truth of what was to be explained."""
    right = speedup(processors, workers)
    three = Mistake(3.0, "they share the VM's processors: more processes than those work no more at a time")
    return [
        Truth("post", POST,
            otherwise="the dead replica may have filed the ticket before it died; who could tell?"),
        Truth("speedup", right, 0.1, mistakes=() if right == 3.0 else (three,),
            otherwise="at most as many processes work at a time as there are processors"),
    ]  # fmt: skip


def compared(drawn: Balance, seen: Timeline) -> list[Compared]:
    """Requests per second of each phase of the run beside theory."""
    drained, killed = seen.last[drawn.drained], seen.last[drawn.killed]
    phases = {
        "each_of_three": (seen.first, drained),
        "each_of_two": (drained, killed),
        "last_one": (killed, seen.end),
    }
    return [
        Compared(f"{name.replace('_', ' ')} ({drawn.left})", PER_SECOND, value,
            seen.rate(drawn.left, *phases[name]), SHARE_TOLERANCE * value)
        for name, value in predicted(drawn).items() if name in phases
    ]  # fmt: skip
