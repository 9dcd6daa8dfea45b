from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.unit.service.callers import make_user
from ticketing.models import Department, Ticket


@pytest.fixture
def student() -> User:
    return make_user("student", "students")


@pytest.fixture
def other_student() -> User:
    return make_user("other", "students")


@pytest.fixture
def instructor() -> User:
    return make_user("instructor", "instructors")


@pytest.fixture
def agent(department: Department) -> User:
    """Works for `department`, and for no other."""
    user = make_user("agent", "agents")
    department.agents.add(user)
    return user


@pytest.fixture
def outsider() -> User:
    """Has an account, but neither role."""
    return make_user("outsider")


@pytest.fixture
def department() -> Department:
    return Department.objects.create(name="Network Operations")


@pytest.fixture
def elsewhere() -> Department:
    """A department for which `agent` does not work."""
    return Department.objects.create(name="Printing")


@pytest.fixture
def filed(department: Department) -> dict[str, object]:
    """What somebody says who files a ticket."""
    return {
        "name": "Grace",
        "email": "grace@example.com",
        "phone": "8005550101",
        "issue": "Bug",
        "department": department.pk,
    }


@pytest.fixture
def make_ticket(department: Department) -> Callable[..., Ticket]:
    def make(**fields: object) -> Ticket:
        values: dict[str, object] = {
            "name": "Ada",
            "email": "ada@example.com",
            "phone": "8005550100",
            "issue": "Login Issues",
            "department": department,
        }
        return Ticket.objects.create(**(values | fields))

    return make
