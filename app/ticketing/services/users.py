"""Make sure that the lab's users exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from ticketing.models import Department
from ticketing.roles import Role
from ticketing.services.json_input import InputError

ROLES = {"instructor": Role.INSTRUCTOR, "agent": Role.AGENT, "student": Role.STUDENT}


@dataclass(frozen=True, slots=True)
class WantedUser:
    """A user that must exist. The password stays out of the repr, and so out of logs and tracebacks."""

    username: str
    password: str = field(repr=False)
    role: Role
    # The names of those that an agent works for.
    departments: tuple[str, ...] = ()


def parse(records: Iterable[object]) -> list[WantedUser]:
    """Check records of the form {"username": …, "password": …, "role": …}, the role one of ROLES.

    An agent's may also have "departments", a list of names. Raises `InputError` that names record number,
    field and reason, and never quotes a password.
    """
    wanted = [_user(number, record) for number, record in enumerate(records, start=1)]
    names: dict[str, int] = {}
    for number, user in enumerate(wanted, start=1):
        if names.setdefault(user.username, number) != number:
            raise _bad(number, "username", f"is already that of record {names[user.username]}")
    return wanted


def _user(number: int, record: object) -> WantedUser:
    if not isinstance(record, dict) or record.keys() - {"departments"} != {"username", "password", "role"}:
        raise InputError(
            f"Record {number}: must be an object with username, password and role (for agents also "
            "departments), and no more."
        )
    username, password, role = record["username"], record["password"], record["role"]
    if not isinstance(role, str) or role not in ROLES:
        raise _bad(number, "role", "must be instructor, agent or student")
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise _bad(number, "username", error.messages[0]) from error
    if not isinstance(username, str):
        raise _bad(number, "username", "must be a text")
    if not isinstance(password, str):
        raise _bad(number, "password", "must be a text")
    try:
        validate_password(password, User(username=username))
    except ValidationError as error:
        raise _bad(number, "password", error.messages[0]) from error
    return WantedUser(username, password, ROLES[role], _departments(number, record))


def _departments(number: int, record: dict[str, object]) -> tuple[str, ...]:
    names = record.get("departments", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _bad(number, "departments", "must be a list of departments' names")
    if names and record["role"] != "agent":
        raise _bad(number, "departments", "is for agents alone")
    return tuple(names)


def _bad(number: int, name: str, reason: str) -> InputError:
    return InputError(f"Record {number}, field {name}: {reason.rstrip('.')}.")


@transaction.atomic
def ensure(wanted: list[WantedUser], *, reset_passwords: bool) -> Iterator[tuple[str, str]]:
    """Create the missing users, in one transaction; yields each name with what happened to it.

    Existing users are left alone, their departments too, but for a password that differs when
    `reset_passwords` is set. A department that is not there (any more) keeps nobody from being created.
    """
    existing = {
        user.username: user for user in User.objects.filter(username__in=[w.username for w in wanted])
    }
    for want in wanted:
        user = existing.get(want.username)
        if user is None:
            missing = _create(want)
            without = f", without what is no department here: {', '.join(missing)}" if missing else ""
            yield want.username, f"created{without}"
        elif reset_passwords and not user.check_password(want.password):
            user.set_password(want.password)
            user.save(update_fields=["password"])
            yield want.username, "password changed"
        else:
            yield want.username, "exists"


def _create(want: WantedUser) -> list[str]:
    """Create the user; returns the names of wanted departments that are not there."""
    is_staff = want.role is Role.INSTRUCTOR  # staff may open the admin
    user = User.objects.create_user(want.username, password=want.password, is_staff=is_staff)
    user.groups.add(Group.objects.get(name=want.role.value))
    found = {desk.name: desk for desk in Department.objects.filter(name__in=want.departments)}
    user.departments.add(*found.values())
    return [name for name in want.departments if name not in found]
