"""Exercise 12 without a lab: what is drawn and planted, what is asked, which hint fits."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from lab import settings
from lab.errors import ExitCode, LabError
from lab.exercises.ex12_audit import configuration, questions, waiving
from lab.exercises.ex12_audit.drawn import SHARES, Drawn, draw
from lab.exercises.ex12_audit.pool import LAYERS, POOL, planted, with_weaknesses
from lab.exercises.judging import judge
from lab.exercises.model import Answer, Judgement, Seen
from lab.exercises.student import Draw
from lab.settings import Settings

STUDENTS = [f"s{number}" for number in range(30)]
PASSWORDS = {name: f"not-{name.lower()}" for name in settings.PASSWORDS}


@pytest.fixture
def filled() -> Settings:
    return Settings({**settings.defaults(), **PASSWORDS})


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    return tmp_path


def _of(student: str) -> Drawn:
    return draw(Draw(student, 12), LAYERS)


@pytest.mark.parametrize("student", STUDENTS)
def test_eight_are_drawn_from_all_layers(student: str) -> None:
    layers = [one.layer for one in planted(_of(student))]
    assert len(set(_of(student).words)) == 8
    assert all(layers.count(layer) in (count, count + 1) for layer, count in SHARES.items())


def test_most_pairs_of_neighbours_have_other_eights() -> None:
    drawn = [_of(student) for student in STUDENTS]
    assert len({frozenset(one.words) for one in drawn}) >= 28
    assert len({one.accounts[0] for one in drawn}) >= 5
    assert {word for one in drawn for word in one.words} == set(POOL)


@pytest.mark.parametrize("word", POOL)
def test_each_weakness_changes_the_shipped_configuration(word: str, filled: Settings) -> None:
    drawn = _of("s1")
    assert with_weaknesses(filled, drawn, [word]) != configuration.shipped(filled, drawn)


@pytest.mark.parametrize("student", STUDENTS)
def test_any_eight_can_be_planted_together(student: str, filled: Settings) -> None:
    drawn = _of(student)
    with_weaknesses(filled, drawn, drawn.words)


def test_a_changed_shipped_file_is_told(filled: Settings) -> None:
    bad = configuration.shipped(filled, _of("s1"))
    bad.nginx["nginx.conf"] = bad.nginx["nginx.conf"].replace("server_tokens", "# server_tokens")
    with pytest.raises(LabError, match=r"nginx/nginx\.conf is not as shipped.*git checkout") as refused:
        bad.swap("nginx.conf", "    server_tokens off;", "    server_tokens on;")
    assert refused.value.exit_code == ExitCode.USAGE


def test_written_again_the_folder_has_no_file_of_before(filled: Settings) -> None:
    drawn = _of("s1")
    configuration.write(with_weaknesses(filled, drawn, ["dump-served"]))
    mounted = (configuration.folder() / "nginx").stat().st_ino
    assert (configuration.folder() / "nginx/backup.sql").exists()
    configuration.write(configuration.shipped(filled, drawn))
    assert not (configuration.folder() / "nginx/backup.sql").exists()
    assert (configuration.folder() / "nginx").stat().st_ino == mounted
    assert configuration.folder().stat().st_mode & 0o077 == 0


def _hints(drawn: Drawn, **changed: Answer) -> dict[str, Judgement]:
    """The judgements of the right answers but for these."""
    right = {name: _answer(value) for name, value in questions.right(drawn).items()}
    given = {**right, **changed}
    found = judge(questions.questions(drawn), given, Seen(truths=questions.truths(drawn, given)))
    return {one.what.partition(": ")[2]: one for one in found}


def _answer(value: object) -> Answer:
    if isinstance(value, list):
        return Answer(", ".join(value), words=tuple(sorted(value)))
    text = str(value)
    return Answer(text, float(text) if text.isdigit() else 0.0, (text,))


@pytest.mark.parametrize("student", STUDENTS)
def test_the_right_answers_are_right(student: str) -> None:
    assert all(one.passed for one in _hints(_of(student)).values())


def test_a_neighbours_answers_fail() -> None:
    refused = 0
    for mine, other in pairwise(STUDENTS):
        theirs = {name: _answer(value) for name, value in questions.right(_of(other)).items()}
        refused += not all(one.passed for one in _hints(_of(mine), **theirs).values())
    assert refused >= 28


def test_what_is_missing_is_told_by_its_layer_and_not_by_its_name() -> None:
    drawn = _of("s1")
    hint = _hints(drawn, weaknesses=_answer(list(drawn.words[1:])))["weaknesses"].hint
    assert f"1 of your eight are missing; look again at: {POOL[drawn.words[0]].layer}" in hint
    assert drawn.words[0] not in hint


def test_a_word_that_is_not_planted_is_named() -> None:
    drawn = _of("s1")
    other = next(word for word in POOL if word not in drawn.words)
    hint = _hints(drawn, weaknesses=_answer([*drawn.words[1:], other]))["weaknesses"].hint
    assert f"'{other}' is not among yours" in hint


def test_naming_all_is_told_so() -> None:
    hint = _hints(_of("s1"), weaknesses=_answer(list(POOL)))["weaknesses"].hint
    assert f"you name {len(POOL)}, and there are eight" in hint


def test_a_word_that_there_is_not_is_told_so() -> None:
    drawn = _of("s1")
    hint = _hints(drawn, weaknesses=_answer([*drawn.words[1:], "bad-vibes"]))["weaknesses"].hint
    assert "'bad-vibes' is none of the words" in hint


def test_who_forgets_the_burst_is_told_so() -> None:
    drawn = _of("s1")
    assert "the burst counts too" in _hints(drawn, refused=_answer(drawn.tries - 5))["refused"].hint


def test_what_needs_somebody_inside_is_not_from_outside() -> None:
    drawn = _of("s1")
    inside = next(one.word for one in planted(drawn) if not one.outside)
    hint = _hints(drawn, from_outside=_answer([inside]))["from_outside"].hint
    assert f"'{inside}' cannot be shown from the client alone" in hint


def test_waivers_of_what_was_planted_go_and_others_stay_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "waivers.toml"
    before = waiving.FILE.read_text()
    entry = '\n[[waiver]]\ncheck = "NGINX-TOKENS"\nwhere = "*"\nreason = "so be it"\nexpires = 2027-01-01\n'
    monkeypatch.setattr(waiving, "FILE", file)
    file.write_text(before + entry)
    assert waiving.waived(POOL.values()) == ["NGINX-TOKENS"]
    waiving.take_out(POOL.values())
    assert file.read_text() == before
