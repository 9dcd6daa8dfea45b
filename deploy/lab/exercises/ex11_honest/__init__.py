"""Exercise 11: what a measurement hides: coordinated omission, the mean, and noise."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lab import outage
from lab.errors import ExitCode, LabError
from lab.exercises import runs
from lab.exercises.bench import RunningLab
from lab.exercises.ex11_honest import asked
from lab.exercises.ex11_honest.asked import Stall
from lab.exercises.model import Answer, Exercise, Judgement, Seen
from lab.exercises.quantity import COUNT
from lab.exercises.runs import Run
from lab.exercises.under_load import sending
from lab.load.plan import Plan

NUMBER, SCENARIO = 11, "health"
OPEN, CLOSED = "open", "closed"
LEAD = 2.0  # seconds in which both loads send, before the stall
# A stall is the drawn one if the longest wait is so much of it, and so many seconds longer at most:
# on a busy VM the engine thaws late. (A neighbour's run is told by its rate.)
SHORTEST, LONGER = 0.85, 2.5
MEDIANS, EACH = 5, 20  # medians of so many requests each
# Each line: the median, in seconds, of requests over one connection.
REPEAT = f"""for run in $(seq {MEDIANS}); do
    curl -sf -m 20 -o /dev/null -w '%{{time_total}}\\n' "$1?[1-{EACH}]" | sort -g | sed -n {EACH // 2}p
done"""


def _start(lab: RunningLab, drawn: Stall) -> str:
    lab.make_whole()
    return f"there is no pair of runs in which the edge stood still for {drawn.seconds:g} s"


def _look(lab: RunningLab, drawn: Stall, answers: Mapping[str, Answer]) -> Seen:
    medians = _medians(lab)
    found = {label: runs.latest(NUMBER, label) for label in (OPEN, CLOSED)}
    done = [_open_run(drawn, found[OPEN]), _closed_run(drawn, found[CLOSED]), _spread(answers)]
    seen = _measured(drawn, found) if done[0].passed and done[1].passed else None
    own = [*asked.counted(seen), *asked.noise(medians)]
    truths = [*asked.guessed(drawn), *own, *asked.explained(drawn)]
    return Seen(done, truths, asked.compared(drawn, seen) if seen else ())


def _medians(lab: RunningLab) -> list[float]:
    """Five medians of the same thing, in seconds."""
    url = f"http://{lab.address('edge')}/healthz"
    printed = lab.run("client", "sh", "-c", REPEAT, "sh", url, patience=120).split()
    if len(printed) != MEDIANS:
        raise LabError(f"{url} was answered in {len(printed)} of {MEDIANS} rows", ExitCode.UNMEASURED)
    return [float(one) for one in printed]


def _measured(drawn: Stall, found: Mapping[str, Run | None]) -> dict[str, float]:
    both = [found[label] for label in (OPEN, CLOSED)]
    rows = [run.rows for run in both if run is not None and len(run.rows)]
    return asked.measured(drawn, rows[0], rows[1]) if len(rows) == len(both) else {}


def _open_run(drawn: Stall, run: Run | None) -> Judgement:
    what = f"a run with RATE={drawn.rate} LABEL={OPEN} in which the edge stood still for {drawn.seconds:g} s"
    asked_for = {"rate": drawn.rate, "arrivals": "even", "seconds": asked.LENGTH}
    words = f"RATE={drawn.rate} ARRIVALS=even USERS={asked.USERS} TIME={asked.LENGTH:g}s"
    hint = _missing(run, asked_for, f"{words} LABEL={OPEN}") or _stalled(drawn, run)
    return Judgement(what, not hint, hint)


def _closed_run(drawn: Stall, run: Run | None) -> Judgement:
    what = f"a run of one user with LABEL={CLOSED} in the same stall"
    asked_for = {"rate": None, "users": 1, "seconds": asked.LENGTH}
    words = f"USERS=1 THINK_TIME={drawn.think_ms}ms TIME={asked.LENGTH:g}s"
    hint = _missing(run, asked_for, f"{words} LABEL={CLOSED}") or _stalled(drawn, run)
    if not hint and run is not None and asked.p99(run.rows) > drawn.seconds / 2:
        hint = "its one slow request is a hundredth of all: the VM was too busy; make both again"
    return Judgement(what, not hint, hint)


def _missing(run: Run | None, asked_for: Mapping[str, object], words: str) -> str:
    """What is wrong with the plan of a run, or with there being none."""
    if run is None:
        return f"there is none since you began: make loadtest SCENARIO={SCENARIO} {words}"
    if any(run.plan[name] != value for name, value in {"scenario": SCENARIO, **asked_for}.items()):
        return f"your latest one is another: make loadtest SCENARIO={SCENARIO} {words}"
    return "" if len(run.rows) else "no request of it ended; make it again"


def _stalled(drawn: Stall, run: Run | None) -> str:
    """What is wrong with the stall that a run shows.

    How long it was at most is looked for in the closed loop alone: the open loop's longest wait has the line
    behind the stall in it, too, which on a busy VM is long.
    """
    longest = float(run.rows.response_ms.max()) / 1e3 if run else 0.0
    freeze = f"make freeze HOST=edge FOR={drawn.seconds:g}s in the middle of it"
    if longest < SHORTEST * drawn.seconds:
        return f"its longest wait is {longest:.2g} s, so the stall missed it or was shorter: {freeze}"
    if run and run.plan["rate"] is None and longest > drawn.seconds + LONGER:
        return f"its longest wait is {longest:.2g} s, so more than your stall was in the way: make both again"
    return ""


def _spread(answers: Mapping[str, Answer]) -> Judgement:
    """Whether the student's own five medians differ: no two runs agree in every digit that curl prints."""
    low, high = answers.get("lowest"), answers.get("highest")
    right = bool(low and high and low.number < high.number)
    hint = "five medians of the same thing never all agree: take the lowest and the highest of your five"
    return Judgement("the lowest of your five medians is below the highest", right, "" if right else hint)


def _hints(drawn: Stall) -> Sequence[str]:
    return (
        "Draw time as a line, with a stroke for each arrival. Shade the stall: who begins in it, and how "
        "long does each wait until its end?",
        f"{drawn.rate} a second for {drawn.seconds:g} s begin in it. The first waits {drawn.seconds:g} s, "
        "the last nothing, so half of it on average.",
        f"All are {drawn.rate} · {asked.LENGTH:g} = {drawn.rate * asked.LENGTH:g}. A hundredth of them is "
        f"{drawn.rate * asked.LENGTH / 100:g}: those who came first in the stall. The closed loop's one user "
        "has one slow request in all.",
        "Pairs: write down after minus before for each. Noise points both ways; an effect keeps its sign.",
    )


def _do(lab: RunningLab, drawn: Stall) -> None:
    """An open and a closed loop at the same time, and a stall that both meet."""
    users, think = asked.USERS, drawn.think_ms / 1e3
    opened = Plan(SCENARIO, users=users, rate=float(drawn.rate), arrivals="even", label=OPEN)
    closed = Plan(SCENARIO, users=1, think_time=think, label=CLOSED)
    plans = [replace(plan, seconds=asked.LENGTH) for plan in (opened, closed)]
    with sending(lab, *plans):
        time.sleep(LEAD)
        outage.freeze(lab.now(), lab.plan, "edge", f"{drawn.seconds:g}s", lab.say)


def _answers(lab: RunningLab, drawn: Stall) -> dict[str, object]:
    seen = _measured(drawn, {label: runs.latest(NUMBER, label) for label in (OPEN, CLOSED)})
    medians = _medians(lab)
    numbers = {
        **asked.predicted(drawn), **seen, "lowest": min(medians), "highest": max(medians),
        "felt": seen.get("p99_open_seen", 0.0), "gain": drawn.pairs.gain / 1e3,
    }  # fmt: skip
    dimensions = {one.name: one.dimension or COUNT for one in asked.questions(drawn)}
    said = {name: dimensions[name].show(value) for name, value in numbers.items() if name in dimensions}
    words = {"p99_closed": asked.MILLISECONDS, "why": asked.SENT_NOTHING, "helps": drawn.pairs.helps}
    return {**said, **words}


def _closed_is_felt(lab: RunningLab, drawn: Stall) -> dict[str, object]:
    """Takes the closed loop's 99th percentile for what people feel."""
    _do(lab, drawn)
    answers = _answers(lab, drawn)
    return answers | {"felt": answers["p99_closed_seen"]}


def _mean_is_felt(lab: RunningLab, drawn: Stall) -> dict[str, object]:
    """Takes the mean for it; answers from what the way before left."""
    answers = _answers(lab, drawn)
    return answers | {"felt": answers["mean_open_seen"]}


def _one_pair(lab: RunningLab, drawn: Stall) -> dict[str, object]:
    """Believes the single largest difference."""
    first = drawn.pairs.differences(drawn.pairs.idle)[0]
    return _answers(lab, drawn) | {"helps": drawn.pairs.idle, "gain": f"{-first} ms"}


def _counts_users(lab: RunningLab, drawn: Stall) -> dict[str, object]:
    """Takes as many for hit as there are users."""
    return _answers(lab, drawn) | {"hit": str(asked.USERS)}


EXERCISE = Exercise(
    number=NUMBER,
    name="honest",
    title="Measuring honestly",
    about="coordinated omission, mean against percentiles, noise",
    minutes=60,
    draw=asked.draw,
    numbers=lambda drawn: {
        "STALL": f"{drawn.seconds:g}s", "RATE": str(drawn.rate), "THINK": f"{drawn.think_ms}ms",
        "HALF": f"{500 * drawn.seconds:g}",
    },
    questions=asked.questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=_answers,
    wrong={
        "closed is felt": _closed_is_felt,
        "mean is felt": _mean_is_felt,
        "one pair": _one_pair,
        "counts users": _counts_users,
    },
    known=asked.known,
)  # fmt: skip
