"""Which status may follow which, through the API."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from django.contrib.auth.models import User

from tests.unit.service.callers import client_of
from ticketing.models import Ticket, TicketEvent
from ticketing.services.workflow import NEXT

LIST = "/api/tickets/"
# Written out, and not taken from the code: the map as users know it.
LEGAL = {
    "open": {"in_progress", "on_hold", "resolved", "closed"},
    "in_progress": {"open", "on_hold", "resolved"},
    "on_hold": {"in_progress", "resolved"},
    "resolved": {"in_progress", "closed"},
    "closed": set(),
}


def test_every_status_has_its_place_in_the_map() -> None:
    assert {str(old): {str(new) for new in may} for old, may in NEXT.items()} == LEGAL
    assert set(LEGAL) == set(Ticket.Status.values)


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), list(product(LEGAL, LEGAL)))
def test_transitions(old: str, new: str, instructor: User, make_ticket: Callable[..., Ticket]) -> None:
    ticket = make_ticket(status=old)
    answer = client_of(instructor).patch(f"{LIST}{ticket.pk}/", {"status": new, "issue": "X"})
    ticket.refresh_from_db()
    if new == old or new in LEGAL[old]:
        assert (answer.status_code, ticket.status, ticket.issue) == (200, new, "X")
        return
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "illegal_transition"
    possible = ", ".join(sorted(LEGAL[old])) or "nothing else"
    assert f"A ticket that is {old} cannot become {new}; it can become {possible}" in error["message"]
    assert (ticket.status, ticket.issue) == (old, "Login Issues")
    assert not TicketEvent.objects.exists()


@pytest.mark.django_db
def test_an_unknown_status_is_a_wrong_field(instructor: User, make_ticket: Callable[..., Ticket]) -> None:
    answer = client_of(instructor).patch(f"{LIST}{make_ticket().pk}/", {"status": "lost"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["status"])
