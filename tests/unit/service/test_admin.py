from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ticketing.models import Department, Ticket, TicketEvent
from ticketing.services import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(instructor: User) -> Client:
    """An instructor as ensure_users makes them: staff, but no superuser."""
    User.objects.filter(pk=instructor.pk).update(is_staff=True)
    client = Client()
    client.force_login(User.objects.get(pk=instructor.pk))
    return client


def test_lists_search_and_filters_answer(admin: Client, make_ticket: Callable[..., Ticket]) -> None:
    ticket = make_ticket()
    for address in (
        "/admin/",
        "/admin/ticketing/department/",
        "/admin/ticketing/ticket/?q=login&priority__exact=2",
        f"/admin/ticketing/ticket/{ticket.pk}/change/",
        "/admin/ticketing/ticket/add/",
    ):
        assert admin.get(address).status_code == 200, address
    assert b"Login Issues" in admin.get("/admin/ticketing/ticket/?q=login").content


def test_a_department_can_be_added(admin: Client) -> None:
    admin.post("/admin/ticketing/department/add/", {"name": "Printing"})
    assert Department.objects.get().name == "Printing"


def test_a_picture_is_shown_but_not_uploaded(admin: Client, make_ticket: Callable[..., Ticket]) -> None:
    for image, shown in (("", False), ("images/port.png", True)):
        ticket = make_ticket(image=image)
        page = admin.get(f"/admin/ticketing/ticket/{ticket.pk}/change/").content.decode()
        assert 'name="issue"' in page
        assert 'name="image"' not in page
        assert (f'href="/api/tickets/{ticket.pk}/image/"' in page) is shown


def fill(ticket: Ticket | None, department: Department, **fields: object) -> dict[str, object]:
    """What a browser sends of the ticket's form, with these fields changed."""
    whole = {
        **{"name": "Ada", "email": "ada@example.com", "phone": "8005550100", "issue": "Login Issues"},
        **{"priority": 2, "status": "open", "user": "", "assignee": "", "device": "", "interface": ""},
        **{"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "department": department.pk},
    }
    return whole | ({"status": ticket.status} if ticket else {}) | fields


def test_what_the_admin_does_is_in_the_log(admin: Client, instructor: User, department: Department) -> None:
    admin.post("/admin/ticketing/ticket/add/", fill(None, department))
    ticket = Ticket.objects.get()
    assert ticket.user == instructor
    page = f"/admin/ticketing/ticket/{ticket.pk}/"
    admin.post(f"{page}change/", fill(ticket, department, issue="Worse", user=instructor.pk))
    admin.post(f"{page}delete/", {"post": "yes"})
    assert not Ticket.objects.exists()
    created, changed, deleted = TicketEvent.objects.all()
    assert [event.action for event in (created, changed, deleted)] == ["created", "changed", "deleted"]
    assert changed.changes == {"issue": ["Login Issues", "Worse"]}
    assert {event.actor for event in (created, changed, deleted)} == {instructor}


def test_several_deleted_at_once_are_in_the_log(admin: Client, make_ticket: Callable[..., Ticket]) -> None:
    keys = [make_ticket().pk, make_ticket().pk]
    chosen = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    admin.post("/admin/ticketing/ticket/", chosen)
    assert not Ticket.objects.exists()
    assert sorted(TicketEvent.objects.values_list("ticket", "action")) == [(key, "deleted") for key in keys]


def test_an_illegal_transition_is_refused(
    admin: Client, make_ticket: Callable[..., Ticket], department: Department
) -> None:
    ticket = make_ticket(status="closed")
    page = f"/admin/ticketing/ticket/{ticket.pk}/change/"
    answer = admin.post(page, fill(ticket, department, status="open"))
    assert "A ticket that is closed cannot become open" in answer.content.decode()
    assert not TicketEvent.objects.exists()


def test_comments_are_there_to_read(admin: Client, agent: User, make_ticket: Callable[..., Ticket]) -> None:
    ticket = make_ticket()
    ticket.comments.create(author=agent, text="A new cable is in.")
    page = admin.get(f"/admin/ticketing/ticket/{ticket.pk}/change/").content.decode()
    assert "A new cable is in." in page
    assert 'name="comments-0-text"' not in page


def test_a_department_with_tickets_stays(
    admin: Client, department: Department, make_ticket: Callable[..., Ticket]
) -> None:
    ticket = make_ticket()
    page = f"/admin/ticketing/department/{department.pk}/delete/"
    assert admin.post(page, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [department.pk], "post": "yes"}
    admin.post("/admin/ticketing/department/", chosen)
    assert Ticket.objects.get() == ticket
    ticket.delete()
    admin.post(page, {"post": "yes"})
    assert not Department.objects.exists()


def test_accounts_are_not_an_instructors_business(admin: Client) -> None:
    assert admin.get("/admin/auth/user/").status_code == 403


def test_students_do_not_get_in(student: User) -> None:
    client = Client()
    client.force_login(student)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("meanwhile", ["closed", "deleted"])
def test_whoever_was_quicker_is_said_so(
    meanwhile: str,
    admin: Client,
    make_ticket: Callable[..., Ticket],
    department: Department,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticket, change = make_ticket(), desk.change

    def overtaken(*args: Any, **kwargs: Any) -> Ticket:  # noqa: ANN401 - passed on
        found = Ticket.objects.filter(pk=ticket.pk)
        found.update(status="closed") if meanwhile == "closed" else found.delete()
        return change(*args, **kwargs)

    monkeypatch.setattr(desk, "change", overtaken)
    page = f"/admin/ticketing/ticket/{ticket.pk}/change/"
    answer = admin.post(page, fill(ticket, department, status="resolved"), follow=True)
    assert answer.status_code == 200
    assert "Somebody else was quicker, so nothing was saved." in answer.content.decode()
    assert not TicketEvent.objects.exists()
