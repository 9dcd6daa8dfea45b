"""Exercise 10: what a run tells of drain and death, and which answers are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.exercises.ex10_balance import asked
from lab.exercises.ex10_balance.asked import Balance
from lab.exercises.ex10_balance.timeline import Timeline, complaint
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement, Seen
from lab.exercises.student import Draw
from lab.load.records import COLUMNS, Records

DRAWN = Balance("app1", "app3", 60)
EMPTY = Records({"began": 0.0, "ended": 20.0}, *[np.array([])] * len(COLUMNS))
ASKED = asked.questions(DRAWN)


def _rows(**until: float) -> Records:
    """Ten requests a second of each replica until a moment, of a run of 20 s."""
    sent = {name: np.arange(0, end, 0.1) for name, end in until.items()}
    times = np.concatenate(list(sent.values()))
    names = np.concatenate([np.full(len(one), name, dtype=object) for name, one in sent.items()])
    columns = {name: np.full(len(times), 0.0) for name in COLUMNS} | {
        "sent": times,
        "served_by": names,
        "error": np.full(len(times), "", dtype=object),
        "response_ms": np.where(times == times.max(), 3004.0, 5.0),
    }
    return replace(EMPTY, **columns)


def _judged(**answers: Answer) -> dict[str, Judgement]:
    truths = [*asked.guessed(DRAWN), *asked.counted(DRAWN, None), *asked.explained(2, 2)]
    return {one.what.split()[-1]: one for one in judge(ASKED, answers, Seen(truths=truths))}


@pytest.mark.parametrize(
    ("until", "hint"),
    [
        ({"app1": 8, "app2": 20, "app3": 12}, ""),
        ({"app2": 20, "app3": 12}, "app1 served nothing in it"),
        ({"app1": 8, "app2": 20, "app3": 20}, "app3 served to its end, so nothing was killed"),
        ({"app1": 8, "app2": 12, "app3": 20}, "app2 stopped serving in it; the one to kill is yours, app3"),
        ({"app1": 20, "app2": 20, "app3": 12}, "app1 served to its end: make drain HOST=app1"),
        ({"app1": 12, "app2": 20, "app3": 8}, "drain app1 first"),
        ({"app1": 8, "app2": 20, "app3": 8.5}, "drain app1 first"),
        ({"app1": 8, "app2": 20, "app3": 19}, "app3 served to its end"),
    ],
    ids=["right", "two replicas", "nothing killed", "wrong one", "not drained", "order", "at once", "late"],
)
def test_a_run_is_told_by_who_served_last(until: dict[str, float], hint: str) -> None:
    said = complaint(Timeline.of(_rows(**until)), "app1", "app3")
    assert said.startswith(hint) if hint else not said


def test_what_a_run_shows() -> None:
    seen = Timeline.of(_rows(app1=8, app2=20, app3=12))
    assert asked.measured(DRAWN, seen) == {
        "served_by_last": 200.0, "failed_seen": 0.0, "slowest_seen": pytest.approx(3.004),
    }  # fmt: skip
    phases = [one.measured for one in asked.compared(DRAWN, seen)]
    assert phases == pytest.approx([10, 10, 10], rel=0.05)


@pytest.mark.parametrize(
    ("processors", "workers", "expected"), [(1, 2, 1), (2, 2, 1), (4, 2, 2), (8, 2, 3), (2, 1, 2), (64, 2, 3)]
)
def test_replicas_do_no_more_than_there_are_processors(
    processors: int, workers: int, expected: float
) -> None:
    assert asked.speedup(processors, workers) == expected


@pytest.mark.parametrize(
    ("question", "number", "hint"),
    [
        ("failed", 0.5, "asked of the next one"),
        ("failed", 1 / 3, "asked of the next one"),
        ("each_of_three", 60.0, "three share it"),
        ("last_one", 20.0, "take over"),
        ("slowest", 5.0, "fail_timeout"),
        ("slowest", 10.0, "all tries"),
        ("speedup", 3.0, "share the VM's processors"),
    ],
)
def test_a_mistake_gets_its_hint(question: str, number: float, hint: str) -> None:
    found = _judged(**{question: Answer(str(number), number)})[question]
    assert (found.passed, hint in found.hint) == (False, True)


@pytest.mark.parametrize(
    ("question", "number"),
    [("each_of_three", 20.0), ("each_of_two", 30.0), ("last_one", 60.0), ("failed", 0.0), ("slowest", 3.0)],
)
def test_what_is_right_passes(question: str, number: float) -> None:
    assert _judged(**{question: Answer(str(number), number)})[question].passed


def test_hardly_two_students_kill_and_drain_the_same_at_the_same_rate() -> None:
    drawn = [asked.draw(Draw(f"s{number}", 10)) for number in range(30)]
    assert all(one.rate % 6 == 0 and len({one.drained, one.killed, one.left}) == 3 for one in drawn)
    assert len(set(drawn)) >= 20
