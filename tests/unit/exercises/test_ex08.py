"""Exercise 8: what theory says of a draw, and which hint fits which mistake."""

from __future__ import annotations

import json
from typing import cast

import pytest

from lab.errors import ExitCode, LabError
from lab.exercises import model
from lab.exercises.bench import RunningLab
from lab.exercises.ex08_rates import EXERCISE, measuring, truths
from lab.exercises.ex08_rates.drawn import Drawn, draw
from lab.exercises.ex08_rates.measuring import Burst, Run, Seen
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement
from lab.exercises.quantity import COUNT, TIME
from lab.exercises.student import Draw

MINE = Drawn(rate=8, burst=15, requests=40, messages=4, seconds=2, tickets=100, posts=12)
MESSAGES = 11  # in which 100 tickets go
SEEN = Seen(Burst(16, 0.05), Run(100, MESSAGES, 4.1), naive=8)
RIGHT = {
    "passed": "16", "full_again": "2 s", "messages": "11", "notify": "4 s", "naive_429": "8",
    "passed_seen": "16", "notify_seen": "4 s", "notify_429_seen": "0", "naive_429_seen": "8",
    "why_none": "waits-when-none-remain", "refused": "lost-unless-sent-again",
}  # fmt: skip


def _judged(given: dict[str, str], seen: Seen | None = SEEN) -> list[Judgement]:
    answers = {}
    questions = EXERCISE.questions(MINE)
    for one in questions:
        text = given[one.name]
        answers[one.name] = Answer(text, one.dimension.parse(text) if one.dimension else 0.0, (text,))
    return judge(questions, answers, model.Seen(truths=truths.all_of(MINE, MESSAGES, seen)))


def _hints(**given: str) -> list[str]:
    return [one.hint for one in _judged(RIGHT | given) if not one.passed]


def test_the_right_answers_pass() -> None:
    assert _hints() == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"passed": "15"}, "burst + 1"),
        ({"passed": "40"}, "more come at once than the bucket holds"),
        ({"passed": "23"}, "at once means in no time"),
        ({"full_again": "125 ms"}, "as many as before need as many times that"),
        ({"messages": "100"}, "DRY_RUN=1 counts"),
        ({"notify": "48 s"}, "many tickets go in one"),
        ({"notify": "6 s"}, "one wait less than windows"),
        ({"notify": "8 s"}, "wait it once"),
        ({"naive_429": "4"}, "how many are refused"),
        ({"passed_seen": "24"}, "those were the 429s"),
        ({"notify_seen": "8 s"}, "took 4.1 s by the stand-in's ledger"),
        ({"notify_429_seen": "1"}, "let the window close"),
        ({"naive_429_seen": "4"}, "count those with 429"),
        ({"why_none": "sends-one-a-second"}, "a whole window's messages come at once"),
        ({"refused": "sent-by-discord-later"}, "429 is a refusal"),
    ],
)
def test_a_mistake_gets_the_hint_that_fits(given: dict[str, str], said: str) -> None:
    (hint,) = _hints(**given)
    assert said in hint


def test_what_was_seen_is_not_right_before_anything_was_done() -> None:
    failed = [one.what for one in _judged(RIGHT, None) if not one.passed]
    assert failed == [f"measure: {name}" for name in RIGHT if name.endswith("_seen")]


@pytest.mark.parametrize(("messages", "waits"), [(1, 0), (4, 0), (5, 2), (8, 2), (9, 4), (12, 4), (13, 6)])
def test_each_window_but_the_last_is_waited_out(messages: int, waits: float) -> None:
    assert MINE.sending(messages) == waits


def test_theory_agrees_with_what_follows_it_and_not_with_what_does_not() -> None:
    assert all(row.agrees for row in truths.compared(MINE, SEEN))
    off = Seen(Burst(20, 0.05), Run(100, MESSAGES, 6.1), naive=4)
    assert not any(row.agrees for row in truths.compared(MINE, off))


def test_tokens_that_come_back_during_a_slow_burst_are_counted() -> None:
    slow = Seen(Burst(24, 1.0), SEEN.run, SEEN.naive)
    assert truths.compared(MINE, slow)[0].predicted == 24


def test_every_draw_tells_its_mistakes_apart() -> None:
    """The right numbers and the usual wrong ones are never the same, and the waits stay short."""
    for number in range(200):
        one = draw(Draw(f"s{number}", 8))
        assert one.burst < one.pass_at_once < one.requests < 100
        assert one.refused not in (one.messages, 0)
        assert one.refill <= 3
        for messages in range(one.tickets // 10, one.tickets // 7):
            assert 2 <= one.sending(messages) <= 10


def test_a_neighbours_answers_fail_for_most() -> None:
    drawn = [draw(Draw(f"s{number}", 8)) for number in range(30)]
    answers = {(one.pass_at_once, COUNT.show(one.refused), TIME.show(one.refill)) for one in drawn}
    assert len(answers) > 20


class Lab:
    """A lab that prints what it is given."""

    def __init__(self, printed: str) -> None:
        self.printed = printed

    def run(self, *_: str, **__: float) -> str:
        return self.printed

    def address(self, _: str) -> str:
        return "10.10.10.1"


def _lab(printed: str) -> RunningLab:
    return cast("RunningLab", Lab(printed))


def _message(second: float, *tickets: int) -> dict[str, object]:
    return {"received_at": f"2026-05-01T10:00:{second:09.6f}+00:00", "tickets": list(tickets)}


def test_the_last_run_is_taken_and_other_messages_are_not() -> None:
    there = [_message(0, 1, 2, 3), _message(1, 4), _message(10), _message(20, 1, 2), _message(22.5, 3)]
    assert measuring.last_run(_lab(json.dumps(there))) == Run(3, 2, 2.5)
    assert measuring.last_run(_lab("[]")) == Run()


def test_an_answer_that_is_neither_a_pass_nor_a_429_cannot_be_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert measuring.bucket(_lab("403 0.25\n429 0.75\n"), MINE) == Burst(1, 0.5)
    for printed in ("403 0.010\n502 0.030\n", "000 0.0\n", ""):
        with pytest.raises(LabError) as refused:
            measuring.bucket(_lab(printed), MINE)
        assert refused.value.exit_code == ExitCode.UNMEASURED


def test_too_few_tickets_are_told() -> None:
    printed = "Would send 100 tickets in 11 messages to webhook 1 at …, in about 4 s."
    assert measuring.planned(_lab(printed), MINE) == MESSAGES
    with pytest.raises(LabError, match="holds 40 tickets, and 100 are to be sent; make seed"):
        measuring.planned(_lab("Would send 40 tickets in 5 messages to …"), MINE)
