"""The reference solution, and typical wrong ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from lab import paths
from lab.exercises.bench import RunningLab
from lab.exercises.ex12_audit import applying, configuration, questions, waiving
from lab.exercises.ex12_audit.drawn import Drawn
from lab.exercises.ex12_audit.pool import POOL, planted, with_weaknesses

WAIVER = '\n[[waiver]]\ncheck = "{check}"\nwhere = "*"\nreason = "found, and borne"\nexpires = {expires}\n'
TO_THE_APPS = "        ip saddr $edge ip daddr $apps tcp dport 8000 counter name edge_to_app accept comment "
CUT = '"the reverse proxy asks an app server"\n'


def _edit(lab: RunningLab, drawn: Drawn, left: Sequence[str] = ()) -> None:
    """What a student does in an editor: all are taken out of the files, but those that are `left`."""
    changed = with_weaknesses(lab.settings, drawn, left)
    configuration.write(changed)
    paths.env_file().chmod(changed.env_mode)
    waiving.take_out(POOL.values())


def do(lab: RunningLab, drawn: Drawn) -> None:
    """Mend all eight, and put that into force."""
    _edit(lab, drawn)
    applying.apply(lab, drawn)


def answers(lab: RunningLab, drawn: Drawn) -> Mapping[str, object]:
    """The sheet; the folder beside it is part of the answer."""
    _edit(lab, drawn)
    return questions.right(drawn)


def _seven(lab: RunningLab, drawn: Drawn) -> Mapping[str, object]:
    """Names all eight, and mends seven."""
    _edit(lab, drawn, drawn.words[-1:])
    applying.apply(lab, drawn)
    return questions.right(drawn)


def _waives(lab: RunningLab, drawn: Drawn) -> Mapping[str, object]:
    """Names all eight, and waives one instead of mending it."""
    waived = next(one for one in planted(drawn) if one.promise)
    _edit(lab, drawn, [waived.word])
    applying.apply(lab, drawn)
    expires = date.today() + timedelta(days=30)  # the audit's own days are the VM's
    with waiving.FILE.open("a") as file:
        file.write(WAIVER.format(check=waived.promise, expires=expires))
    return questions.right(drawn)


def _cuts_off(lab: RunningLab, drawn: Drawn) -> Mapping[str, object]:
    """Mends all by letting nothing pass: the reverse proxy no longer reaches the application."""
    changed = with_weaknesses(lab.settings, drawn, ())
    changed.swap_rule(TO_THE_APPS + CUT, "")
    configuration.write(changed)
    paths.env_file().chmod(changed.env_mode)
    waiving.take_out(POOL.values())
    applying.apply(lab, drawn)
    return questions.right(drawn)


def _all_of_them(lab: RunningLab, drawn: Drawn) -> Mapping[str, object]:
    """Mends, and names every word that there is."""
    do(lab, drawn)
    return {**questions.right(drawn), "weaknesses": list(POOL)}


def _neighbours(_: RunningLab, drawn: Drawn) -> Mapping[str, object]:
    """Names a neighbour's eight: one of them for one of one's own."""
    other = next(one for one in POOL.values() if one.word not in drawn.words)
    own = [word for word in drawn.words if POOL[word].layer != other.layer]
    mine = [word for word in drawn.words if POOL[word].layer == other.layer]
    return {**questions.right(drawn), "weaknesses": [*own, *mine[1:], other.word]}


WRONG = {
    "seven of eight": _seven,
    "a waiver instead of a mend": _waives,
    "the service cut off": _cuts_off,
    "every word that there is": _all_of_them,
    "a neighbour's eight": _neighbours,
}
