"""answers/NN.toml: written with the questions in it, read back with each value checked."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab import paths
from lab.errors import ExitCode, LabError
from lab.exercises.model import Answer, Part, Question
from lab.exercises.quantity import QuantityError

WHEN = {
    Part.PREDICT: "before you change or measure anything: your first check seals these",
    Part.MEASURE: "what you saw on the lab",
    Part.EXPLAIN: "why it is so",
}


def path(number: int) -> Path:
    """Where the answers to an exercise are."""
    return paths.answers() / f"{number:02}.toml"


def blank(title: str, student: str, questions: Sequence[Question]) -> str:
    """The sheet with its questions and no answers."""
    lines = [f"# {title}: answers of {student}", '# A number goes with its unit, in quotes: "80 ms", "3 %".']
    for part in Part:
        asked = [question for question in questions if question.part is part]
        if asked:
            lines += ["", f"[{part.value}]  # {WHEN[part]}"]
        for question in asked:
            lines += [f"# {line}" for line in _asked(question)]
            lines.append(f"{question.name} = {_empty(question.listed)}")
    return "\n".join(lines) + "\n"


def _empty(listed: bool) -> str:
    return "[]" if listed else '""'


def _asked(question: Question) -> list[str]:
    how = ""
    if question.choices:
        how = f" One of: {', '.join(question.choices)}."
    elif question.dimension:
        how = f" Write it like {question.dimension.example}."
    elif question.listed:
        how = ' A list, in quotes: ["one", "two"].'
    return [question.text + how]


def filled(title: str, student: str, questions: Sequence[Question], answers: Mapping[str, object]) -> str:
    """The sheet with these answers in it: how a reference solution is written."""
    text = blank(title, student, questions)
    for name, value in answers.items():
        empty = _empty(isinstance(value, list | tuple))
        text = text.replace(f"\n{name} = {empty}\n", f"\n{name} = {_toml(value)}\n")
    return text


def _toml(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value}"'


def read(number: int, questions: Sequence[Question]) -> dict[str, Answer]:
    """The answers that are given, by question; an empty one is not there.

    Raises LabError (exit code 2) in one sentence for a file that is missing or no TOML, a question that is
    not asked, and an answer of the wrong type or unit.
    """
    file = path(number)
    where = str(file.relative_to(paths.ROOT)) if file.is_relative_to(paths.ROOT) else str(file)
    document = _document(file, where, number)
    known = {question.name: question for question in questions}
    found: dict[str, Answer] = {}
    for part, body in document.items():
        if not isinstance(body, dict):
            raise _wrong(where, part, "stands outside of [predict], [measure] and [explain]; move it there")
        for name, value in body.items():
            question = known.get(name)
            if question is None or question.part.value != part:
                raise _wrong(where, f"{part}.{name}", _unasked(name, known))
            if value not in ("", []):
                found[name] = _answer(question, value, f"{where}: {part}.{name}")
    return found


def again(question: Question, text: str) -> Answer:
    """An answer read from its text as it was kept; raises LabError (exit code 2) as `read` does."""
    value: object = [word.strip() for word in text.split(",")] if question.listed else text
    return _answer(question, value, f"{question.part.value}.{question.name}")


def _document(file: Path, where: str, number: int) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text())
    except FileNotFoundError:
        said = f"there is no {where}; make start EX={number} writes it"
        raise LabError(said, ExitCode.USAGE) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        said = f'{where} is not TOML: {error}; a value stands in quotes, such as rtt = "80 ms"'
        raise LabError(said, ExitCode.USAGE) from error


def _unasked(name: str, known: Mapping[str, Question]) -> str:
    if name in known:
        return f"belongs under [{known[name].part.value}]; move it there"
    close = difflib.get_close_matches(name, known, n=1)
    return "is not asked" + (f"; did you mean {close[0]}?" if close else "; take the line out")


def _answer(question: Question, value: object, where: str) -> Answer:
    if question.dimension:
        try:
            return Answer(str(value), question.dimension.parse(value))
        except QuantityError as error:
            raise LabError(f"{where}: {error}", ExitCode.USAGE) from error
    if question.listed:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise LabError(f'{where} is not a list of words; write it like ["one", "two"]', ExitCode.USAGE)
        words = tuple(sorted({word.strip().casefold() for word in value}))
        return Answer(", ".join(value), words=words)
    if not isinstance(value, str):
        raise LabError(f'{where} is not a word in quotes; write it like "edge"', ExitCode.USAGE)
    word = value.strip().casefold()
    if question.choices and word not in {choice.casefold() for choice in question.choices}:
        said = f"{where}: '{value}' is none of {', '.join(question.choices)}; choose one of them"
        raise LabError(said, ExitCode.USAGE)
    return Answer(value.strip(), words=(word,))


def _wrong(where: str, what: str, why: str) -> LabError:
    return LabError(f"{where}: {what} {why}", ExitCode.USAGE)
