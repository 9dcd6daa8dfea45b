"""Exercise 12: find the eight weaknesses of a bad configuration, mend them, and pass the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab import paths
from lab.exercises.bench import RunningLab
from lab.exercises.ex12_audit import (
    applying,
    configuration,
    drawn,
    evidence,
    judging,
    questions,
    solutions,
    waiving,
)
from lab.exercises.ex12_audit.drawn import Drawn
from lab.exercises.ex12_audit.pool import LAYERS, POOL, planted, with_weaknesses
from lab.exercises.model import Exercise
from lab.exercises.student import Draw
from lab.tls import files, switch


def _draw(source: Draw) -> Drawn:
    return drawn.draw(source, LAYERS)


def _numbers(own: Drawn) -> Mapping[str, str]:
    return {"TRIES": str(own.tries)}


def _start(lab: RunningLab, own: Drawn) -> str:
    """Plant anew. A folder that is there is moved aside, for it may be a student's work."""
    known = applying.kept()
    if known is None:  # else it is planted already, and what was there before is known
        applying.keep(applying.Kept(evidence.env_mode(), list(own.accounts)))
    bad = with_weaknesses(lab.settings, own, own.words)
    configuration.set_aside()
    configuration.write(bad)
    if not files.is_on():
        switch.turn_on(lab.settings, lab.plan, [])
    applying.apply(lab, own)
    paths.env_file().chmod(bad.env_mode)
    return "eight weaknesses are in force, and you have named none"


def _reset(lab: RunningLab, _: Drawn | None) -> None:
    waiving.take_out(POOL.values())
    applying.take_back(lab)


def _hints(own: Drawn) -> Sequence[str]:
    layers = ", ".join(one.layer for one in planted(own))
    unseen = [one for one in planted(own) if not one.promise]
    return (
        "make audit prints for each failed check where, why, the fix, and a command to see it for yourself.",
        f"Your eight, by layer: {layers}.",
        f"{len(unseen)} of them no check of make audit finds: make firewall-test sends real packets, and "
        "nothing reads answers/12/accounts.json for you.",
        "Compare what runs with what was shipped: diff -r nginx answers/12/nginx; "
        "diff deploy/firewall/router.nft answers/12/router.nft; read answers/12/compose.yml beside "
        "docker-compose.yml; ls -l .env.",
        "Yours mean: " + "; ".join(one.means for one in planted(own)) + ".",
    )


EXERCISE = Exercise(
    number=12,
    name="audit",
    title="Security audit",
    about="find eight weaknesses, mend each where it belongs, pass the audit",
    minutes=120,
    draw=_draw,
    numbers=_numbers,
    questions=questions.questions,
    start=_start,
    look=judging.look,
    hints=_hints,
    do=solutions.do,
    answers=solutions.answers,
    wrong=solutions.WRONG,
    reset=_reset,
    apply=applying.apply,
    known=questions.known,
)
