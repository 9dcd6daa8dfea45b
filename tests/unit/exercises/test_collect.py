"""A class's reports: what is left out, what is odd, who is stuck where."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from lab.cli.results import app
from lab.errors import ExitCode, LabError
from lab.exercises import catalogue
from lab.results import again, doubts, gather, signed, standing, writing
from tests.unit.exercises import classroom
from tests.unit.exercises.classroom import attempt, body, hand_in


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in list(catalogue.EXERCISES):
        monkeypatch.delitem(catalogue.EXERCISES, number)
    for number in (4, 5):
        monkeypatch.setitem(catalogue.EXERCISES, number, classroom.exercise(number))
    monkeypatch.setitem(catalogue.EXERCISES, 6, classroom.exercise(6, known=False))


def _class(folder: Path, count: int = 30) -> None:
    for salt in range(count):
        hand_in(folder / f"upload-{salt}", body(f"s{salt}", attempt(f"s{salt}", 4, salt)))


def _doubts(folder: Path) -> list[str]:
    found = gather.gather(folder)
    return [str(doubt) for doubt in doubts.of(found.reports, found.all)]


def test_an_honest_class_of_thirty_raises_no_doubt(tmp_path: Path) -> None:
    _class(tmp_path)
    done = CliRunner().invoke(app, ["collect", str(tmp_path), "--out", str(tmp_path / "class")])
    assert (done.exit_code, done.stderr) == (0, "")
    with (tmp_path / "class/class.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30 * 3
    passed = [row for row in rows if row["state"] == "passed"]
    assert len(passed) == 30
    shown = ("minutes", "checks", "checks_to_pass", "hints", "solved_by_key", "predictions_right", "doubts")
    assert [passed[0][name] for name in shown] == ["25.0", "2", "2", "1", "0", "1", "0"]
    assert {row["passed_at"] for row in rows if row["state"] == "open"} == {""}


def test_one_bad_file_stops_nothing_and_is_told(tmp_path: Path) -> None:
    _class(tmp_path, 3)
    good, bad = tmp_path / "upload-0/report-s0.json", tmp_path / "upload-1/report-s1.json"
    classroom.altered(bad, lambda document: document["report"].update(student="s9"))
    (tmp_path / "notes.json").write_text("{")
    hand_in(tmp_path / "new", body("s7", attempt("s7", 13)))
    done = CliRunner().invoke(app, ["collect", str(tmp_path)])
    assert done.exit_code == ExitCode.FAILED
    assert "left out: upload-1/report-s1.json was altered after it was written" in done.stderr
    assert "left out: notes.json is not JSON" in done.stderr
    assert "left out: new/report-s7.json has an exercise 13" in done.stderr
    assert "2 students" in done.stdout
    assert "upload-1/report-s1.json was altered" in (tmp_path / "class.html").read_text()
    assert good.exists()


def test_of_two_files_of_one_student_the_newer_counts(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    late = body("s1", attempt("s1", 4), attempt("s1", 5), written=classroom.BEGAN + 9500)
    hand_in(tmp_path, late, key, "a.json")
    hand_in(tmp_path, body("s1", attempt("s1", 4)), key, "b.json")
    hand_in(tmp_path, late, key, "copy.json")
    found = gather.gather(tmp_path)
    assert found.notices == ["s1 handed in twice: a.json counts, being newer than b.json"]
    assert sorted(found.reports["s1"].attempts) == [4, 5]
    assert _doubts(tmp_path) == []


def test_one_vm_under_two_names_is_odd(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    for salt, who in enumerate(("s1", "s2")):
        hand_in(tmp_path, body(who, attempt(who, 4, salt)), key)
    assert [line.partition(" (")[0] for line in _doubts(tmp_path)] == [
        "s1 and s2: their reports were written on one VM"
    ]
    assert CliRunner().invoke(app, ["collect", str(tmp_path)]).exit_code == ExitCode.FAILED


def test_one_name_from_two_vms_is_odd(tmp_path: Path) -> None:
    hand_in(tmp_path, body("s1", attempt("s1", 4)), name="a.json")
    hand_in(tmp_path, body("s1", attempt("s1", 4), written=classroom.BEGAN + 9500), name="b.json")
    assert ["from 2 VMs" in line for line in _doubts(tmp_path)] == [True]


def test_answers_copied_from_a_neighbour_do_not_hold(tmp_path: Path) -> None:
    theirs = attempt("s1", 4)
    hand_in(tmp_path, body("s2", theirs))
    assert _doubts(tmp_path) == ["s2: exercise 4 passed with answers that are wrong for s2: rtt"]
    found = again.judged("s2", gather.gather(tmp_path).reports["s2"].attempts[4])
    assert found == again.Again(right=0, asked=1, wrong=("rtt",))


def test_a_pass_without_answers_or_with_unreadable_ones_does_not_hold(tmp_path: Path) -> None:
    hand_in(tmp_path, body("s1", attempt("s1", 4, answers={"rtt": "80", "why": "there-and-back"})))
    hand_in(tmp_path, body("s2", attempt("s2", 4, answers={})))
    assert [line.rpartition(": ")[2] for line in _doubts(tmp_path)] == ["rtt", "rtt, why"]


def test_a_wrong_prediction_is_no_doubt(tmp_path: Path) -> None:
    hand_in(tmp_path, body("s1", attempt("s1", 4, sealed={"rtt": "1 ms"})))
    assert _doubts(tmp_path) == []
    assert again.judged("s1", gather.gather(tmp_path).reports["s1"].attempts[4]) == again.Again(0, 1, ())


def test_an_exercise_without_truths_is_only_shown(tmp_path: Path) -> None:
    hand_in(tmp_path, body("s2", attempt("s1", 6)))
    assert _doubts(tmp_path) == []


@pytest.mark.parametrize(
    ("seen", "figures", "said"),
    [
        ({"ping_seen": "82.123 ms", "curl_seen": "84.321 ms"}, [0.0821234], "measurements to the last digit"),
        ({"ping_seen": "82 ms", "curl_seen": "84 ms"}, [0.0821234], "figures of the lab in its last check"),
        ({"ping_seen": "82 ms", "curl_seen": "84 ms"}, [0.0821234, 0.0825678], ""),
        ({"ping_seen": "82 ms", "curl_seen": "84 ms"}, [0.08], ""),
    ],
    ids=["same answers", "same figures", "rounded alike", "round figures"],
)
def test_measurements_that_two_have_alike(
    tmp_path: Path, seen: dict[str, str], figures: list[float], said: str
) -> None:
    for who, measured in (("s1", figures[0]), ("s2", figures[-1])):
        row = attempt(who, 6)["compared"][0] | {"base": [0.08, measured, 0.003]}
        hand_in(tmp_path, body(who, attempt(who, 6, answers=seen, compared=[row])))
    assert _doubts(tmp_path) == ([f"s1 and s2: exercise 6 has the same {said}"] if said else [])


def test_who_is_stuck_is_seen(tmp_path: Path) -> None:
    failed = {
        "at": classroom.BEGAN + 60,
        "passed": False,
        "hints": ["DELAY is one way: make link DELAY=41ms"],
    }
    stuck = attempt("s1", 4, passed=0.0, answers={}, checks=[failed] * 3)
    solved = attempt("s1", 5, solved=True)
    hand_in(tmp_path, body("s1", stuck, solved))
    hand_in(tmp_path, body("s2", attempt("s2", 4, passed=0.0, answers={}, checks=[failed])))
    reports = list(gather.gather(tmp_path).reports.values())
    assert [standing.state(reports[0].attempts.get(number)) for number in (4, 5, 6)] == [
        "stuck", "passed by key", "open",
    ]  # fmt: skip
    assert standing.state(reports[1].attempts[4]) == "under way"
    first = standing.hints(reports)[0]
    assert first == standing.Hint(4, "DELAY is one way: make link DELAY=…ms", students=2, times=4)
    assert standing.summaries(reports)[1].median is None  # the key's minutes are nobody's
    page = writing.collected(tmp_path, tmp_path / "out").page.read_text()
    assert page.index(">s1<") < page.index(">s2<")


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_folder_without_reports_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabError, match=r"there is no folder|no \.json file is in") as refused:
        gather.gather(tmp_path / name)
    assert refused.value.exit_code == ExitCode.USAGE


def test_if_no_file_is_a_report_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"x" * (signed.LARGEST + 9))
    with pytest.raises(LabError, match=r"no report could be read: a\.json is larger than 5 MB"):
        writing.collected(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
