from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ticketing.models import Department, Ticket

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


def test_an_image_cannot_be_uploaded_yet(admin: Client, make_ticket: Callable[..., Ticket]) -> None:
    page = admin.get(f"/admin/ticketing/ticket/{make_ticket().pk}/change/").content.decode()
    assert 'name="issue"' in page
    assert 'name="image"' not in page


def test_accounts_are_not_an_instructors_business(admin: Client) -> None:
    assert admin.get("/admin/auth/user/").status_code == 403


def test_students_do_not_get_in(student: User) -> None:
    client = Client()
    client.force_login(student)
    assert client.get("/admin/").status_code == 302
