"""A student's report: what is written, what its signature holds fast, and what the page shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from lab.cli.results import app
from lab.errors import LabError
from lab.exercises import catalogue, progress, sheet
from lab.exercises.progress import Progress, Record
from lab.results import signed, student_page, vmkey, writing
from lab.results.report import MalformedError
from tests.unit.exercises import classroom

KEY = Ed25519PrivateKey.generate()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    for number in list(catalogue.EXERCISES):
        monkeypatch.delitem(catalogue.EXERCISES, number)
    monkeypatch.setitem(catalogue.EXERCISES, 4, classroom.exercise(4))
    monkeypatch.setitem(catalogue.EXERCISES, 5, classroom.exercise(5, "<b>Bold</b>"))
    return tmp_path


def _kept(who: str = "s1") -> None:
    names = ("started", "passed", "hints", "sealed", "answers", "checks")
    made = classroom.attempt(who, 4)
    results = {name: made[name] for name in ("judgements", "compared")}
    progress.save(Progress(who, {4: Record(**{name: made[name] for name in names}, results=results)}))
    given = classroom.answers(who, 4)
    text = sheet.filled("Exercise 4", who, classroom.exercise(4).questions(classroom.delay_of(who, 4)), given)
    sheet.path(4).parent.mkdir(exist_ok=True)
    sheet.path(4).write_text(text)


def test_the_file_says_what_is_kept_and_the_vms_key_has_signed_it(state: Path) -> None:
    _kept()
    done = CliRunner().invoke(app, ["report"])
    assert done.exit_code == 0
    file = state / "answers/report-s1.json"
    assert str(file) in done.stdout
    report = signed.unseal(file.read_bytes())
    assert (report.student, report.vm) == ("s1", vmkey.public(vmkey.own()))
    assert report.attempts[4].sheet == report.attempts[4].answers == classroom.answers("s1", 4)
    assert (report.attempts[4].minutes, report.attempts[4].checks_to_pass) == (25.0, 2)


def test_the_key_is_made_once_and_its_owners_alone() -> None:
    first = vmkey.public(vmkey.own())
    assert vmkey.public(vmkey.own()) == first
    assert vmkey.file().stat().st_mode & 0o777 == 0o600
    vmkey.file().write_text("nonsense")
    with pytest.raises(LabError, match="is no key; move it away"):
        vmkey.own()


def test_before_the_first_exercise_there_is_nothing_to_report() -> None:
    with pytest.raises(LabError, match="make start EX=1 STUDENT="):
        writing.student()


def test_a_sheet_that_cannot_be_read_is_told_and_keeps_the_rest_in() -> None:
    _kept()
    sheet.path(4).write_text("[predict\n")
    page, file = writing.student()
    report = signed.unseal(file.read_bytes())
    assert "is not TOML" in report.attempts[4].sheet_wrong
    assert report.attempts[4].sealed == {"rtt": classroom.answers("s1", 4)["rtt"]}
    assert "is not TOML" in page.read_text()


def _sealed() -> dict[str, Any]:
    document = classroom.body("s1", classroom.attempt("s1", 4))
    return json.loads(signed.seal(document, KEY))  # type: ignore[no-any-return]


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:  # noqa: ANN401  # a table or a list on the way
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return change


FIRST = ("report", "exercises", 0)


@pytest.mark.parametrize(
    "change",
    [
        _set("report", "student", to="s2"),
        _set(*FIRST, "passed", to=classroom.BEGAN),
        _set(*FIRST, "hints", to=0),
        _set(*FIRST, "sealed", "rtt", to="1 ms"),
        _set("vm", to=vmkey.public(Ed25519PrivateKey.generate())),
        _set("vm", to="é"),
        _set("signature", to="A" * 86),
        _set("extra", to=1),
        _set("report", "commit", to="\ud800"),
        _set("report", "written", to=float("nan")),
    ],
)
def test_whatever_is_altered_the_signature_does_not_fit(change: Callable[[dict[str, Any]], None]) -> None:
    document = _sealed()
    signed.unseal(json.dumps(document).encode())  # another layout of the same values is no alteration
    change(document)
    with pytest.raises(MalformedError, match="was altered after it was written"):
        signed.unseal(json.dumps(document).encode())


def test_any_byte_that_is_flipped_is_noticed() -> None:
    text = signed.seal(classroom.body("s1", classroom.attempt("s1", 4)), KEY).encode()
    signed.unseal(text)
    last = text.rindex(b'"') - 1  # of the signature, of whose last letter four bits say nothing
    for place in (*range(0, last, 5), last):
        flipped = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
        with pytest.raises(MalformedError):
            signed.unseal(flipped)


def test_the_bits_of_a_signature_that_say_nothing_are_held_fast_too() -> None:
    document = _sealed()
    document["signature"] = document["signature"][:-1] + chr(ord(document["signature"][-1]) + 1)
    with pytest.raises(MalformedError):
        signed.unseal(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[1]", "is no report"),
        (b'{"format": "ticketlab report", "version": 2}', "is a report of version 2, and this kit reads 1"),
        (b'{"format": "ticketlab report", "version": 1}', "is not signed"),
        (b" " * (signed.LARGEST + 1), "is larger than 5 MB"),
    ],
)
def test_what_is_no_report_is_told(data: bytes, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        signed.unseal(data)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"passed": 1e300}, "'passed' is no time|'passed' is missing or no number"),
        ({"passed": 5e9}, "'passed' is no time"),
        ({"hints": True}, "'hints'"),
        ({"sealed": {"rtt": 80}}, "'sealed.rtt'"),
        ({"checks": [{"at": 0, "passed": False, "hints": "none"}]}, "'hints'"),
        ({"compared": [7]}, "'compared'"),
    ],
)
def test_signed_nonsense_is_refused_too(changes: dict[str, Any], said: str) -> None:
    text = signed.seal(classroom.body("s1", classroom.attempt("s1", 4, **changes)), KEY)
    with pytest.raises(MalformedError, match=said):
        signed.unseal(text.encode())


def test_a_student_id_is_one() -> None:
    with pytest.raises(MalformedError, match="is no student id"):
        signed.unseal(signed.seal(classroom.body("../../etc"), KEY).encode())


def test_the_page_shows_all_of_it_and_escapes_what_people_wrote() -> None:
    wild = classroom.attempt("s1", 5, sealed={"rtt": "<script>alert(1)</script>"})
    text = signed.seal(classroom.body("s1", classroom.attempt("s1", 4), wild), KEY)
    page = student_page.page(signed.unseal(text.encode()), "abcd")
    assert "<script" not in page
    assert "<b>Bold" not in page
    assert "2 of 2 passed" in page
    assert 'aria-label="round trip: ' in page
    assert not re.search(r'(?:src|href)="(?!#)', page)  # nothing is fetched from anywhere
