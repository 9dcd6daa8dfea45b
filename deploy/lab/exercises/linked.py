"""Whether a zone's link is what an exercise asks for."""

from __future__ import annotations

from collections.abc import Sequence

from lab.errors import ExitCode, LabError
from lab.exercises import timing
from lab.exercises.bench import RunningLab
from lab.exercises.model import Judgement
from link.condition import Link

ABSOLUTE, RELATIVE = (
    4e-3,
    0.1,
)  # by how much a round trip may exceed what is set before nothing measured counts


def judged(
    lab: RunningLab, zone: str, wanted: Link, what: str, command: str, known: Sequence[tuple[Link, str]]
) -> Judgement:
    """`known`: links that are wrong in a way that has its own hint. `command` makes the right one."""
    now = lab.link(zone)
    if now == wanted:
        return Judgement(what, True)
    hint = next((hint for link, hint in known if now == link), "it has another condition (make link-show)")
    return Judgement(what, False, f"{'it has no condition' if now == Link() else hint}: {command}")


def round_trip(lab: RunningLab, wanted: Link) -> float:
    """The client's round trip to the edge, in seconds.

    Raises LabError (exit code 3) if it is not the link's: then what else is measured over it tells nothing.
    """
    found = timing.round_trip(lab, lab.address("edge"))
    if abs(found - wanted.round_trip) > ABSOLUTE + RELATIVE * wanted.round_trip:
        said = f"a round trip takes {found * 1e3:.0f} ms over a link of {wanted.round_trip * 1e3:.0f} ms"
        raise LabError(f"{said}; see make link-show and whether the VM is busy", ExitCode.UNMEASURED)
    return found
