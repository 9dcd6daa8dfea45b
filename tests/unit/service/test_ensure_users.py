from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from ticketing.models import Department

pytestmark = pytest.mark.django_db

PROFESSOR = {"username": "professor", "password": "blue-elephant-17", "role": "instructor"}
AGENT = {"username": "agent", "password": "grey-gazelle-31", "role": "agent"}
PUPIL = {"username": "pupil", "password": "green-giraffe-23", "role": "student"}


def ensure(path: Path, records: object, *options: str) -> str:
    (path / "users.json").write_text(json.dumps(records))
    out = StringIO()
    call_command("ensure_users", str(path / "users.json"), *options, stdout=out)
    return out.getvalue()


def test_missing_users_are_created_with_their_roles(tmp_path: Path) -> None:
    report = ensure(tmp_path, [PROFESSOR, PUPIL])
    assert report == "professor: created\npupil: created\n"
    professor, pupil = User.objects.get(username="professor"), User.objects.get(username="pupil")
    assert professor.check_password("blue-elephant-17")
    assert [group.name for group in professor.groups.all()] == ["instructors"]
    assert [group.name for group in pupil.groups.all()] == ["students"]
    assert (professor.is_staff, pupil.is_staff) == (True, False)
    assert not professor.is_superuser
    assert professor.has_perms(["ticketing.change_ticket", "ticketing.delete_department"])
    assert not pupil.has_perm("ticketing.view_ticket")


def test_agents_get_their_departments(tmp_path: Path) -> None:
    for name in ("Desk", "Network", "Printing"):
        Department.objects.create(name=name)
    report = ensure(tmp_path, [AGENT | {"departments": ["Desk", "Network", "Fax"]}])
    assert report == "agent: created, without what is no department here: Fax\n"
    agent = User.objects.get(username="agent")
    assert [group.name for group in agent.groups.all()] == ["agents"]
    assert not agent.is_staff
    assert set(agent.departments.values_list("name", flat=True)) == {"Desk", "Network"}


def test_where_an_existing_agent_works_is_left_alone(tmp_path: Path) -> None:
    desk = Department.objects.create(name="Desk")
    ensure(tmp_path, [AGENT | {"departments": ["Desk"]}])
    desk.agents.clear()
    assert ensure(tmp_path, [AGENT | {"departments": ["Desk"]}], "--reset-passwords") == "agent: exists\n"
    assert not desk.agents.exists()


def test_existing_users_are_left_alone(tmp_path: Path) -> None:
    ensure(tmp_path, [PUPIL])
    before = User.objects.values().get()
    other = PUPIL | {"password": "red-rhino-42-x", "role": "instructor"}
    assert ensure(tmp_path, [other]) == "pupil: exists\n"
    assert User.objects.values().get() == before


def test_passwords_are_reset_when_asked(tmp_path: Path) -> None:
    ensure(tmp_path, [PROFESSOR, PUPIL])
    unchanged = User.objects.get(username="professor").password
    report = ensure(tmp_path, [PROFESSOR, PUPIL | {"password": "red-rhino-42-x"}], "--reset-passwords")
    assert report == "professor: exists\npupil: password changed\n"
    assert User.objects.get(username="pupil").check_password("red-rhino-42-x")
    assert User.objects.get(username="professor").password == unchanged


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (PUPIL, "Record 2, field username: is already that of record 1"),
        (PUPIL | {"username": "two words"}, "Record 2, field username: "),
        (PUPIL | {"username": ""}, "Record 2, field username: "),
        (PUPIL | {"username": 7}, "Record 2, field username: "),
        (
            PUPIL | {"username": "x", "role": "admin"},
            "Record 2, field role: must be instructor, agent or student",
        ),
        (PUPIL | {"username": "x", "password": "abc"}, "Record 2, field password: "),
        (PUPIL | {"username": "x", "password": None}, "Record 2, field password: must be a text"),
        (
            PUPIL | {"username": "x", "departments": ["Desk"]},
            "Record 2, field departments: is for agents alone",
        ),
        (
            AGENT | {"departments": "Desk"},
            "Record 2, field departments: must be a list of departments' names",
        ),
        (AGENT | {"departments": [1]}, "Record 2, field departments: must be a list of departments' names"),
        (PUPIL | {"is_superuser": True}, "Record 2: must be an object with username, password and role"),
        ({"username": "x"}, "Record 2: must be an object with username, password and role"),
        ("pupil", "Record 2: must be an object"),
    ],
)
def test_a_bad_record_is_named_and_nobody_is_created(record: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        ensure(tmp_path, [PUPIL, record])
    assert message in str(caught.value)
    assert PUPIL["password"] not in str(caught.value)
    assert not User.objects.exists()
