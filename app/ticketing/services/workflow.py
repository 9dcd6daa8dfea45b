"""Which status of a ticket may follow which."""

from __future__ import annotations

from collections.abc import Mapping

from ticketing.models import Ticket

Status = Ticket.Status

# Work starts, pauses and ends; what is resolved may turn out not to be; what is closed stays closed.
NEXT: Mapping[str, frozenset[str]] = {
    Status.OPEN: frozenset({Status.IN_PROGRESS, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED}),
    Status.IN_PROGRESS: frozenset({Status.OPEN, Status.ON_HOLD, Status.RESOLVED}),
    Status.ON_HOLD: frozenset({Status.IN_PROGRESS, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.IN_PROGRESS, Status.CLOSED}),
    Status.CLOSED: frozenset(),
}


class IllegalTransition(Exception):  # noqa: N818 - says what happened
    """A ticket may not go from its status to the one asked for; the text says what it may become."""


def check(old: str, new: str) -> None:
    """Accept a change of status, or none. Raises IllegalTransition."""
    if old == new or new in NEXT[old]:
        return
    may = ", ".join(sorted(NEXT[old])) or "nothing else; file a new ticket"
    raise IllegalTransition(f"A ticket that is {old} cannot become {new}; it can become {may}.")
