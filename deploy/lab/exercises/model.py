"""What an exercise is: what a student draws, what is asked, how the lab begins, how all is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from lab.exercises.quantity import Dimension
from lab.exercises.student import Draw

if TYPE_CHECKING:
    from lab.exercises.bench import RunningLab

Drawn = TypeVar("Drawn")


class Part(Enum):
    """When a question is answered: before the lab is changed, from what was seen, or afterwards."""

    PREDICT = "predict"
    MEASURE = "measure"
    EXPLAIN = "explain"


@dataclass(frozen=True)
class Answer:
    """One answer as it stands in the file, read: a number in base units, or words."""

    text: str
    number: float = 0.0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked. Exactly one of `dimension` (a number with its unit), `choices` (one of these words) and
    `listed` (a list of words, in any order) says what an answer looks like; with none of them, it is a word.
    """

    name: str
    part: Part
    text: str
    dimension: Dimension | None = None
    choices: tuple[str, ...] = ()
    listed: bool = False


@dataclass(frozen=True)
class Mistake:
    """A wrong way to get there that is often taken, and what helps whoever took it.

    `value` is the number it leads to (base units) or the word that is given.
    """

    value: float | str
    hint: str


@dataclass(frozen=True)
class Truth:
    """The right answer to a question: a number and how far off is right too, or words.

    `absolute` (base units) and `relative` (a share): the larger of the two is the tolerance. `measured` says
    whether the number comes from the lab itself, for the table of predicted beside measured.
    """

    question: str
    value: float | str | tuple[str, ...]
    absolute: float = 0.0
    relative: float = 0.0
    mistakes: tuple[Mistake, ...] = ()
    otherwise: str = ""  # the hint when no known mistake fits

    @property
    def tolerance(self) -> float:
        """How far from the value a number is still right."""
        return max(self.absolute, self.relative * abs(self.value)) if isinstance(self.value, float) else 0.0


@dataclass(frozen=True)
class Judgement:
    """One line of a check: what was looked at, whether it is right, and if not the hint that fits."""

    what: str
    passed: bool
    hint: str = ""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True)
class Compared:
    """What theory predicts beside what the lab showed, both in base units, and the tolerance between them.

    chance: it decides how far they are apart, so measuring again until they agree would prove nothing.
    """

    what: str
    dimension: Dimension
    predicted: float
    measured: float
    tolerance: float
    chance: bool = False

    @property
    def agrees(self) -> bool:
        """Whether they are no further apart than the tolerance."""
        return abs(self.measured - self.predicted) <= self.tolerance


@dataclass(frozen=True)
class Seen:
    """What a check found on the live lab: judgements of what was done there, the truth of each question
    asked, and theory beside measurement."""

    judgements: Sequence[Judgement] = ()
    truths: Sequence[Truth] = ()
    compared: Sequence[Compared] = ()


def _nothing(_lab: object, _drawn: object) -> None:
    """Where the link, HTTPS and the rules are all that changed."""


@dataclass(frozen=True)
class Exercise(Generic[Drawn]):
    """One exercise. Its functions get what the student drew.

    number, name: 4, "latency" (docs/exercises/04-latency.md). minutes: how long it takes a student. about:
    what it is, in a line of the list. draw: the student's own values; numbers: those of them that the page's
    commands name, as they are typed (DELAY: 41ms). questions: what goes into answers/04.toml. start: puts
    the lab into its starting state and returns what must fail now, in a clause. look: what is true of the
    lab now. hints: from a nudge to nearly the answer. do: what the page's commands do. answers: the right
    ones, on a lab where it is done. wrong: typical wrong solutions by name, each acting and answering, that
    a check must refuse. reset: takes back what start, do and the student changed, beyond links, HTTPS and
    the firewall. known: the truths that need no lab (predictions, explanations), by which the instructor
    judges once more what a student hands in; without it that is only shown.
    written: what a right solution has in the file that the page opens with $EDITOR, if it does.
    apply: puts into force what the student has edited in answers/NN, if there is such a folder.
    """

    number: int
    name: str
    title: str
    about: str
    minutes: int
    draw: Callable[[Draw], Drawn]
    numbers: Callable[[Drawn], Mapping[str, str]]
    questions: Callable[[Drawn], Sequence[Question]]
    start: Callable[[RunningLab, Drawn], str]
    look: Callable[[RunningLab, Drawn, Mapping[str, Answer]], Seen]
    hints: Callable[[Drawn], Sequence[str]]
    do: Callable[[RunningLab, Drawn], None]
    answers: Callable[[RunningLab, Drawn], Mapping[str, object]]
    wrong: Mapping[str, Callable[[RunningLab, Drawn], Mapping[str, object]]]
    reset: Callable[[RunningLab, Drawn], None] = _nothing
    known: Callable[[Drawn], Sequence[Truth]] | None = None
    written: Callable[[RunningLab, Drawn], str] | None = None
    apply: Callable[[RunningLab, Drawn], None] | None = None

    @property
    def page(self) -> str:
        """Its page."""
        return f"docs/exercises/{self.number:02}-{self.name}.md"

    def solve(self, lab: RunningLab, drawn: Drawn) -> Mapping[str, object]:
        """Do what a student should do, and answer."""
        self.do(lab, drawn)
        return self.answers(lab, drawn)


def all_right(judgements: Iterable[Judgement]) -> bool:
    """Whether there are judgements and all of them passed: nothing looked at is never a pass."""
    told = list(judgements)
    return bool(told) and all(judgement.passed for judgement in told)
