"""A made-up class: exercises whose truths are plain, students who did them, and their reports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.exercises.model import Exercise, Part, Question, Truth
from lab.exercises.quantity import TIME
from lab.exercises.student import Draw
from lab.results import signed

BEGAN = 1_790_000_000.0  # seconds since 1970, in September 2026


def _unused(*_: object) -> NoReturn:
    raise AssertionError("a report needs no lab")


def _questions(delay: int) -> Sequence[Question]:
    return (
        Question("rtt", Part.PREDICT, f"The round trip of {delay} ms each way.", TIME),
        Question("ping_seen", Part.MEASURE, "What ping shows.", TIME),
        Question("curl_seen", Part.MEASURE, "What curl shows.", TIME),
        Question("why", Part.EXPLAIN, "Why?", choices=("there-and-back", "slow-server")),
    )


def _known(delay: int) -> Sequence[Truth]:
    return (Truth("rtt", 2 * delay / 1e3, 1e-3), Truth("why", "there-and-back"))


def exercise(number: int, title: str = "Slow", *, known: bool = True) -> Exercise[int]:
    """An exercise that can be reported of and nothing else."""
    return Exercise(
        number=number, name="slow", title=title, about="a link", minutes=30,
        draw=lambda draw: draw.whole(20, 60), numbers=lambda delay: {"DELAY": f"{delay}ms"},
        questions=_questions, start=_unused, look=_unused, hints=_unused, do=_unused, answers=_unused,
        wrong={}, known=_known if known else None,
    )  # fmt: skip


def delay_of(who: str, number: int) -> int:
    """What a student draws, in milliseconds."""
    return exercise(number).draw(Draw(who, number))


def answers(who: str, number: int, salt: int = 0) -> dict[str, str]:
    """Right answers of a student; `salt` makes the measurements one's own."""
    trip = 2 * delay_of(who, number)
    seen = {"ping_seen": f"{trip}.{100 + salt} ms", "curl_seen": f"{trip + 2}.{300 + salt} ms"}
    return {"rtt": f"{trip} ms", **seen, "why": "there-and-back"}


def attempt(who: str, number: int, salt: int = 0, **changes: object) -> dict[str, Any]:
    """An exercise that was passed at its second check, as it stands in a document."""
    given = answers(who, number, salt)
    trip = 2 * delay_of(who, number) / 1e3
    hint = f"it has another condition: make link ZONE=clients DELAY={delay_of(who, number)}ms"
    return {
        "number": number, "started": BEGAN, "under_way": False, "passed": BEGAN + 1500.0, "hints": 1,
        "solved": False, "sealed": {"rtt": given["rtt"]}, "answers": given, "sheet": given,
        "sheet_wrong": "",
        "checks": [
            {"at": BEGAN + 900, "passed": False, "hints": [hint]},
            {"at": BEGAN + 1500, "passed": True, "hints": []},
        ],
        "judgements": [
            {"what": "the link is slow", "passed": True, "hint": "", "expected": "", "found": ""},
            {"what": "predict: rtt", "passed": True, "hint": "", "expected": "", "found": given["rtt"]},
        ],
        "compared": [
            {"what": "round trip", "predicted": f"{trip * 1e3:g} ms", "measured": given["ping_seen"],
             "tolerance": "3 ms", "agrees": True, "base": [trip, trip + (100 + salt) / 1e6, 3e-3]},
        ],
    } | changes  # fmt: skip


def body(who: str, *attempts: Mapping[str, Any], written: float = BEGAN + 9000.0) -> dict[str, Any]:
    """A student's document."""
    return {"student": who, "written": written, "commit": "abc1234", "exercises": list(attempts)}


def hand_in(
    folder: Path, document: Mapping[str, Any], key: Ed25519PrivateKey | None = None, name: str = ""
) -> Path:
    """Write a report as `make report` on a VM with this key does."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (name or f"report-{document['student']}.json")
    file.write_text(signed.seal(document, key or Ed25519PrivateKey.generate()))
    return file


def altered(file: Path, change: Any) -> None:  # noqa: ANN401  # a function of the document
    """Change a file's document and leave its signature."""
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
