"""Whether the lab is as exercise 10 asks: one replica drained, one dead, and the last one serving."""

from __future__ import annotations

from lab import stage
from lab.exercises.bench import RunningLab
from lab.exercises.ex10_balance.asked import Balance
from lab.exercises.model import Judgement

ASKED = 9  # requests that show who is asked now
WHO = f"""for turn in $(seq {ASKED}); do
    curl -sf -m 12 -o /dev/null -w '%header{{x-served-by}}\\n' "$1" || exit 1
done"""


def judged(lab: RunningLab, drawn: Balance) -> list[Judgement]:
    """Whether the lab is now as it was asked to be, and whether the edge's answers agree."""
    dead = {name for name in lab.out_of_service() if name in stage.REPLICAS}
    drained = lab.drained()
    found = [_dead(drawn, dead, drained), _drained(drawn, drained)]
    return [*found, _served(lab, drawn)] if all(one.passed for one in found) else found


def _dead(drawn: Balance, dead: set[str], drained: set[str]) -> Judgement:
    what, kill = f"{drawn.killed} is dead, and no other replica", f"make kill HOST={drawn.killed}"
    if dead == {drawn.killed}:
        return Judgement(what, True)
    others = sorted(dead - {drawn.killed})
    if others:
        hint = f"{others[0]} is dead; make restart HOST={others[0]}, then {kill}"
    elif drawn.killed in drained:
        hint = f"it is drained, which lets it finish and live on; kill it: {kill}"
    else:
        hint = f"it lives: {kill}"
    return Judgement(what, False, hint)


def _drained(drawn: Balance, drained: set[str]) -> Judgement:
    what, right = f"{drawn.drained} is drained, and no other replica", drained == {drawn.drained}
    others = sorted(drained - {drawn.drained})
    back = f"make drain HOST={others[0]} BACK=1, then " if others else ""
    return Judgement(what, right, "" if right else f"{back}make drain HOST={drawn.drained}")


def _served(lab: RunningLab, drawn: Balance) -> Judgement:
    url = f"http://{lab.address('edge')}/healthz"
    served = set(lab.run("client", "sh", "-c", WHO, "sh", url, patience=60).split())
    told = f"answers came from {', '.join(sorted(served)) or 'nobody'}; make status shows which hosts live"
    right = served == {drawn.left}
    return Judgement(f"{ASKED} reads are all answered by {drawn.left}", right, "" if right else told)
