"""What an event tells, and to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product

import pytest
from django.contrib.auth.models import User

from tests.unit.service.callers import make_user
from ticketing.live import events
from ticketing.models import Department, Ticket, TicketEvent
from ticketing.services import desk, scope

pytestmark = pytest.mark.django_db


def told() -> list[dict[str, object]]:
    return [json.loads(event.data) for event in events.read(TicketEvent.objects.all(), 100)]


def test_a_change_is_told_with_the_state_of_the_ticket(
    student: User, instructor: User, make_ticket: Callable[..., Ticket]
) -> None:
    ticket = make_ticket(user=student)
    desk.change(ticket.pk, instructor, {"status": "in_progress", "priority": 3})
    (event,) = told()
    assert event.pop("at")
    assert event == {
        "id": TicketEvent.objects.get().pk,
        "ticket": ticket.pk,
        "action": "changed",
        "changes": {"status": ["open", "in_progress"], "priority": [2, 3]},
        "actor": instructor.pk,
        "status": "in_progress",
        "priority": 3,
        "department": ticket.department_id,
    }


def test_contact_data_and_long_texts_are_not_told(
    instructor: User, make_ticket: Callable[..., Ticket]
) -> None:
    fields = {"email": "new@example.com", "phone": "8005550199", "issue": "long " * 100, "device": "core-sw1"}
    desk.change(make_ticket().pk, instructor, fields)
    (event,) = told()
    assert event["changes"] == {"email": None, "phone": None, "issue": None, "device": ["", "core-sw1"]}
    assert "@" not in json.dumps(event)
    assert "80055501" not in json.dumps(event)


def test_a_deleted_ticket_has_no_state(instructor: User, make_ticket: Callable[..., Ticket]) -> None:
    desk.delete(make_ticket(), instructor)
    (event,) = told()
    assert (event["action"], event["status"], event["priority"]) == ("deleted", None, None)


def test_reading_takes_two_queries_whatever_the_number(
    make_ticket: Callable[..., Ticket], instructor: User, django_assert_num_queries: Callable[..., object]
) -> None:
    for _ in range(5):
        desk.delete(make_ticket(), instructor)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert len(told()) == 5


def test_an_audience_hears_what_its_user_may_see(
    student: User, other_student: User, instructor: User, outsider: User, department: Department
) -> None:
    agent, idle_agent = make_user("agent", "agents"), make_user("idle agent", "agents")
    admin = User.objects.create_superuser("admin")
    department.agents.add(agent)
    elsewhere = Department.objects.create(name="Elsewhere")
    elsewhere.agents.add(student)  # without the role it means nothing
    everybody = [student, other_student, instructor, outsider, agent, idle_agent, admin]
    both = (department, elsewhere)
    for owner, desk_, left, internal in product((None, *everybody), both, (None, *both), (False, True)):
        TicketEvent.objects.create(
            ticket_id=1, department=desk_, left=left, owner=owner, internal=internal, request_id="-"
        )
    log = events.read(TicketEvent.objects.all(), 1000)
    known = scope.audiences([user.pk for user in everybody])
    for user in everybody:
        visible = set(scope.visible_events(User.objects.get(pk=user.pk)).values_list("pk", flat=True))
        heard = {event.id for event in log if user.pk in known and known[user.pk].hears(event)}
        assert heard == visible, user.username
    assert outsider.pk not in known
    assert len(log) == 96


def test_the_department_that_a_ticket_leaves_hears_of_that_and_of_nothing_later(
    agent: User, instructor: User, elsewhere: Department, make_ticket: Callable[..., Ticket]
) -> None:
    ticket = make_ticket()
    desk.change(ticket.pk, instructor, {"priority": 3})
    desk.change(ticket.pk, instructor, {"department": elsewhere, "status": "on_hold"})
    desk.change(ticket.pk, instructor, {"priority": 1})
    before, move, after = events.read(TicketEvent.objects.all(), 100)
    assert json.loads(move.data)["changes"]["department"] == [ticket.department_id, elsewhere.pk]
    audience = scope.audiences([agent.pk])[agent.pk]
    assert [audience.hears(event) for event in (before, move, after)] == [True, True, False]
    visible = scope.visible_events(agent).order_by("id").values_list("pk", flat=True)
    assert list(visible) == [before.id, move.id]


def test_who_is_deactivated_is_no_audience(student: User, other_student: User) -> None:
    User.objects.filter(pk=student.pk).update(is_active=False)
    assert set(scope.audiences([student.pk, other_student.pk])) == {other_student.pk}
