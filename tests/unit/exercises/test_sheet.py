"""answers/NN.toml: written with its questions, read back with each value checked."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lab.errors import ExitCode, LabError
from lab.exercises import sheet
from lab.exercises.model import Part, Question
from lab.exercises.quantity import TIME

QUESTIONS = (
    Question("rtt", Part.PREDICT, "The round trip.", TIME),
    Question("seen", Part.MEASURE, "What ping shows.", TIME),
    Question("why", Part.EXPLAIN, "Why?", choices=("distance", "Load")),
    Question("hosts", Part.MEASURE, "Who answers?", listed=True),
    Question("gateway", Part.MEASURE, "Its gateway."),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    (tmp_path / "answers").mkdir()
    return tmp_path / "answers"


def _write(text: str) -> None:
    sheet.path(4).write_text(text)


def test_a_blank_sheet_has_every_question_and_no_answer() -> None:
    text = sheet.blank("Exercise 4, Latency", "s1", QUESTIONS)
    assert all(question.text in text for question in QUESTIONS)
    assert tomllib.loads(text)["measure"] == {"seen": "", "hosts": [], "gateway": ""}
    _write(text)
    assert sheet.read(4, QUESTIONS) == {}


def test_what_is_filled_in_is_read() -> None:
    answers = {
        "rtt": "80 ms",
        "seen": "0.0823 s",
        "why": "load",
        "hosts": ["b", "A "],
        "gateway": "10.10.20.253",
    }
    _write(sheet.filled("Exercise 4, Latency", "s1", QUESTIONS, answers))
    found = sheet.read(4, QUESTIONS)
    assert found["rtt"].number == pytest.approx(0.08)
    assert found["seen"].number == pytest.approx(0.0823)
    assert found["why"].words == ("load",)
    assert found["hosts"].words == ("a", "b")
    assert found["gateway"].words == ("10.10.20.253",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[predict]\nrtt = 80", "predict.rtt: '80' has no unit; write it like \"80 ms\""),
        ('[predict]\nrtt = "80"', "predict.rtt: '80' has no unit"),
        ('[predict]\nrtt = "80 Mbit/s"', "'Mbit/s' is no unit of a time"),
        ('[predict]\nrrt = "80 ms"', "predict.rrt is not asked; did you mean rtt?"),
        ('[predict]\nzebra = "80 ms"', "predict.zebra is not asked; take the line out"),
        ('[measure]\nrtt = "80 ms"', "measure.rtt belongs under [predict]"),
        ('rtt = "80 ms"', "rtt stands outside of [predict], [measure] and [explain]"),
        ('[explain]\nwhy = "magic"', "'magic' is none of distance, Load; choose one of them"),
        ("[explain]\nwhy = 3", "is not a word in quotes"),
        ('[measure]\nhosts = "edge"', "is not a list of words"),
        ("[measure]\nhosts = [1, 2]", "is not a list of words"),
        ("[predict]\nrtt = 80 ms", "is not TOML"),
    ],
)
def test_a_wrong_answer_sheet_is_told_in_one_sentence(text: str, said: str) -> None:
    _write(text)
    with pytest.raises(LabError) as refused:
        sheet.read(4, QUESTIONS)
    assert said in str(refused.value)
    assert "04.toml" in str(refused.value)
    assert refused.value.exit_code == ExitCode.USAGE


def test_a_sheet_that_is_not_there_names_the_verb_that_writes_it() -> None:
    with pytest.raises(LabError, match="make start EX=4 writes it"):
        sheet.read(4, QUESTIONS)
