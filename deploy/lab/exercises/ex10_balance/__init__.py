"""Exercise 10: how requests are shared among replicas, and what is noticed when one dies."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from lab import outage
from lab.exercises import runs
from lab.exercises.bench import RunningLab
from lab.exercises.ex10_balance import asked, live, replicas
from lab.exercises.ex10_balance.asked import Balance
from lab.exercises.ex10_balance.timeline import Timeline, complaint
from lab.exercises.model import Answer, Exercise, Judgement, Seen
from lab.exercises.quantity import COUNT
from lab.exercises.under_load import sending
from lab.load.plan import Plan

NUMBER, LABEL = 10, "balance"
SCENARIO = "health"
# Seconds of the reference's run: to the drain, on to the kill, and its whole length; and of one without them.
LEAD, BETWEEN, LENGTH, SHORT = 2.0, 2.5, 16.0, 5.0


def _start(lab: RunningLab, drawn: Balance) -> str:
    lab.make_whole()
    replicas.set_number(lab, replicas.WANTED)
    return f"three replicas serve: {drawn.drained} is not drained, and {drawn.killed} is alive"


def _reset(lab: RunningLab, _: Balance | None) -> None:
    replicas.set_number(lab, replicas.SHIPPED)


def _look(lab: RunningLab, drawn: Balance, _: Mapping[str, Answer]) -> Seen:
    there = live.judged(lab, drawn)
    seen, of_run = _run(drawn)
    truths = [*asked.guessed(drawn), *asked.counted(drawn, seen), *asked.explained(*_processes(lab))]
    return Seen([*there, of_run], truths, asked.compared(drawn, seen) if seen else ())


def _processes(lab: RunningLab) -> tuple[int, int]:
    """The VM's processors, and the worker processes of a replica."""
    return os.cpu_count() or 1, int(lab.settings["WEB_WORKERS"])


def _run(drawn: Balance) -> tuple[Timeline | None, Judgement]:
    """The student's run, if it is what was asked for."""
    what = f"a run with LABEL={LABEL} in which {drawn.drained} was drained and {drawn.killed} killed"
    run = runs.latest(NUMBER, LABEL)
    if run is None:
        hint = f"there is none since you began: make loadtest … RATE={drawn.rate} LABEL={LABEL}"
        return None, Judgement(what, False, hint)
    if run.plan["scenario"] != SCENARIO or run.plan["rate"] != drawn.rate:
        hint = f"the latest one is not of SCENARIO={SCENARIO} RATE={drawn.rate}, which is your rate"
        return None, Judgement(what, False, hint)
    if not len(run.rows):
        return None, Judgement(what, False, "no request of the latest one ended; make it again")
    seen = Timeline.of(run.rows)
    hint = complaint(seen, drawn.drained, drawn.killed)
    return (None if hint else seen), Judgement(what, not hint, hint)


def _hints(drawn: Balance) -> Sequence[str]:
    return (
        "Nginx asks the replica with the fewest requests under way; of equals, each in turn. Who is asked "
        "when one of three is left out?",
        "proxy_next_upstream: a read that found nobody is asked of the next replica. So what does its client "
        "see, and what does it cost? proxy_connect_timeout.",
        f"Start the load in another terminal, wait until requests flow, drain {drawn.drained}, some seconds "
        f"later kill {drawn.killed}, and let the load end.",
        "In requests.csv column 17 is served_by and column 9 response_ms: cut -d, -f17 … | sort | uniq -c.",
    )


def _do(lab: RunningLab, drawn: Balance) -> None:
    """Load, and in it one replica drained and another killed."""
    lab.make_whole()
    with sending(lab, _plan(drawn, LENGTH)):
        time.sleep(LEAD)
        _drain(lab, drawn.drained)
        time.sleep(BETWEEN)
        _kill(lab, drawn.killed)


def _plan(drawn: Balance, length: float) -> Plan:
    return Plan(SCENARIO, users=20, rate=float(drawn.rate), seconds=length, arrivals="even", label=LABEL)


def _drain(lab: RunningLab, host: str) -> None:
    outage.drain(lab.now(), lab.plan, host, lab.say)


def _kill(lab: RunningLab, host: str) -> None:
    outage.kill(lab.now(), lab.plan, host, lab.say)


def _answers(lab: RunningLab, drawn: Balance) -> dict[str, object]:
    run = runs.latest(NUMBER, LABEL)
    seen = asked.measured(drawn, Timeline.of(run.rows)) if run else {}
    numbers = {**asked.predicted(drawn), **seen, "speedup": asked.speedup(*_processes(lab))}
    asked_in = {one.name: one.dimension or COUNT for one in asked.questions(drawn)}
    told = {name: asked_in[name].show(value) for name, value in numbers.items()}
    return {**told, "served_by_last": f"{seen.get('served_by_last', 0):.0f}", "post": asked.POST}


def _half_fails(lab: RunningLab, drawn: Balance) -> dict[str, object]:
    """Expects that whoever would have been sent to the dead replica gets an error."""
    _do(lab, drawn)
    return _answers(lab, drawn) | {"failed": "50 %"}


def _wrong_replica(lab: RunningLab, drawn: Balance) -> dict[str, object]:
    """Kills the replica that should be left."""
    lab.make_whole()
    _drain(lab, drawn.drained)
    _kill(lab, drawn.left)
    return _answers(lab, drawn)


def _drained_instead(lab: RunningLab, drawn: Balance) -> dict[str, object]:
    """Drains the one that was to be killed, and kills nobody."""
    lab.make_whole()
    _drain(lab, drawn.killed)
    return _answers(lab, drawn)


def _killed_afterwards(lab: RunningLab, drawn: Balance) -> dict[str, object]:
    """Counts in a run in which all three served to the end, and kills when it is over."""
    lab.make_whole()
    lab.load(_plan(drawn, SHORT))
    _drain(lab, drawn.drained)
    _kill(lab, drawn.killed)
    return _answers(lab, drawn)


EXERCISE = Exercise(
    number=NUMBER,
    name="balance",
    title="Load balancing and failure",
    about="three, two, one replica under load; what is noticed when one dies",
    minutes=45,
    draw=asked.draw,
    numbers=lambda drawn: {"DRAINED": drawn.drained, "KILLED": drawn.killed, "RATE": str(drawn.rate)},
    questions=asked.questions,
    start=_start,
    look=_look,
    hints=_hints,
    do=_do,
    answers=_answers,
    wrong={
        "half fails": _half_fails,
        "wrong replica": _wrong_replica,
        "drained instead": _drained_instead,
        "killed afterwards": _killed_afterwards,
    },
    reset=_reset,
    known=asked.guessed,
)
