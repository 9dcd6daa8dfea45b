"""Exercise 9: what theory says of a draw, which runs count, and which hint fits which mistake."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from lab import theory
from lab.exercises import model
from lab.exercises.ex09_queueing import EXERCISE, runs, truths
from lab.exercises.ex09_queueing.drawn import Drawn, draw
from lab.exercises.ex09_queueing.runs import Law
from lab.exercises.judging import judge
from lab.exercises.model import Answer
from lab.exercises.student import Draw
from lab.load.plan import Plan
from link.condition import Link, to_json

MINE = Drawn(delay=30, pace=20, think=500, few=4, many=26, arrivals=12)
SEEN = {
    "few": Law(7.0, 0.07, 0.49, 0.002, 0.002),
    "many": Law(19.9, 0.81, 16.1, 0.7, 0.7),
    "open": Law(12.2, 0.1, 1.22, 0.03, 0.028),
}
RIGHT = {
    "alone": "60 ms", "few": "7.14 /s", "knee": "11.2", "many": "20 /s", "many_response": "800 ms",
    "open_response": "135 ms", "open_under_way": "1.62",
    "few_seen": "7 /s", "many_seen": "19.9 /s", "many_response_seen": "0.81 s",
    "open_response_seen": "100 ms", "open_under_way_seen": "1.22",
    "beyond_the_knee": "longer-waits", "less_than_mm1": "equal-service-times",
}  # fmt: skip


def _failed(seen: dict[str, Law] | None = None, **given: str) -> dict[str, str]:
    answers = {}
    questions = EXERCISE.questions(MINE)
    for one in questions:
        text = (RIGHT | given)[one.name]
        answers[one.name] = Answer(text, one.dimension.parse(text) if one.dimension else 0.0, (text,))
    found = judge(questions, answers, model.Seen(truths=truths.all_of(MINE, seen)))
    return {one.what.split(": ")[1]: one.hint for one in found if not one.passed}


def test_the_right_answers_pass() -> None:
    assert _failed(SEEN) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alone": "30 ms"}, "the delay is one way"),
        ({"few": "8 /s"}, "a user waits for the answer"),
        ({"few": "66.7 /s"}, "a user who never pauses"),
        ({"knee": "1.2"}, "a user who never pauses"),
        ({"knee": "10"}, "a user waits for the answer"),
        ({"many": "46.4 /s"}, "beyond the knee more users bring no more"),
        ({"many_response": "1.3 s"}, "a user spends Z of his turn thinking"),
        ({"many_response": "60 ms"}, "beyond the knee there always is one"),
        ({"open_response": "60 ms"}, "come in bunches"),
        ({"open_response": "75 ms"}, "the round trip comes on top"),
        ({"open_response": "185 ms"}, "not S again"),
        ({"open_under_way": "88.9"}, "a product"),
        ({"few_seen": "0.49 /s"}, "how many came a second"),
        ({"many_response_seen": "1.3 s"}, "not what your newest run says"),
        ({"beyond_the_knee": "more-answers"}, "compare the requests per second"),
        ({"less_than_mm1": "faster-link"}, "the same in all three runs"),
    ],
)
def test_a_mistake_gets_the_hint_that_fits(given: dict[str, str], said: str) -> None:
    (hint,) = _failed(SEEN, **given).values()
    assert said in hint


def test_what_was_seen_is_not_right_before_anything_was_run() -> None:
    assert set(_failed(None)) == set(truths.SEEN)


def test_every_draw_lies_on_its_side_of_the_knee_and_tells_its_mistakes_apart() -> None:
    for number in range(200):
        one = draw(Draw(f"s{number}", 9))
        assert 2 * one.few < one.knee < 0.6 * one.many
        assert 0.45 <= one.arrivals / one.pace <= 0.7
        assert one.crowded > 5 * one.alone
        right, careless = one.rate_of(one.few), one.few / one.pause
        assert careless > 1.05 * right


def test_a_neighbours_answers_fail_for_most() -> None:
    drawn = [draw(Draw(f"s{number}", 9)) for number in range(30)]
    assert len({(one.alone, one.pace, one.think) for one in drawn}) > 25


def test_theory_agrees_with_what_follows_it_and_not_with_what_does_not() -> None:
    assert [row.what for row in truths.compared(MINE, SEEN) if not row.agrees] == []
    few = replace(SEEN["few"], rate=8.2)
    many = replace(SEEN["many"], rate=22.0, time=1.3)
    arrived = replace(SEEN["open"], counted=1.5, waited=0.08)
    rows = truths.compared(MINE, {"few": few, "many": many, "open": arrived})
    assert [row.what for row in rows if row.agrees] == []


def test_a_run_without_the_turnstile_is_told_by_its_rate() -> None:
    assert truths.ran(MINE, SEEN).passed
    told = truths.ran(MINE, SEEN | {"many": replace(SEEN["many"], rate=46.0)})
    assert "put it up before the runs: make limits PACE=20" in told.hint


def test_those_who_come_too_soon_wait_in_line() -> None:
    waited = runs.waits(np.array([0.0, 0.1, 0.1, 0.5, 5.0]), 0.2)
    assert waited.tolist() == pytest.approx([0.0, 0.1, 0.3, 0.1, 0.0])


def test_equal_service_halves_the_wait_of_mm1() -> None:
    """Lindley's recursion over many arrivals at random comes to Pollaczek and Khinchine's M/D/1."""
    gaps = np.random.default_rng(7).exponential(1 / 12, 200_000)
    mean = float(runs.waits(np.cumsum(gaps), 1 / 20).mean())
    assert mean == pytest.approx(theory.waiting_time(1, 12, 1 / 20) / 2, rel=0.03)


def _run(folder: Path, plan: Plan, link: Link) -> Path:
    folder.mkdir()
    told = {"plan": {**asdict(plan), "link": None}, "conditions": {"link": {"link": to_json(link)}}}
    (folder / "summary.json").write_text(json.dumps(told))
    return folder


def test_the_newest_run_with_these_numbers_over_this_link_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.load.records.read", lambda folder: folder)
    monkeypatch.setattr(runs, "_law", lambda folder, _: folder.name)
    plans = runs.plans(MINE)
    _run(tmp_path / "a", plans["few"], MINE.link)
    _run(tmp_path / "b", replace(plans["few"], seconds=20.0), MINE.link)
    _run(tmp_path / "c", plans["few"], Link())
    _run(tmp_path / "d", replace(plans["few"], users=5), MINE.link)
    _run(tmp_path / "e", replace(plans["open"], users=40), MINE.link)
    assert {name: str(law) for name, law in runs.found(MINE, tmp_path).items()} == {"few": "b", "open": "e"}


def test_the_commands_are_those_of_the_page() -> None:
    assert runs.command(MINE, "many") == "make loadtest SCENARIO=health USERS=26 THINK_TIME=500ms TIME=12s"
    assert runs.command(MINE, "open") == "make loadtest SCENARIO=health USERS=30 RATE=12 TIME=10s"
