"""copy_database: everything arrives as it was, ids go on behind the last one given, or nothing happens.

From an SQLite file into the kind of database that the tests run on, and back into another file.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.unit.service.racing import database_of_its_own, url_of_default
from ticketing.models import Comment, Department, Ticket, TicketEvent
from ticketing.services import desk
from ticketing.services.moving import tables

FIELDS = {"email": "grace@example.com", "phone": "80007", "issue": "No link — ☎ 'quoted'\n", "name": "Grace"}


def fill() -> None:
    """Of everything something, and a ticket that was the newest and is gone."""
    user = User.objects.create_user("ada", password="a password that is long")
    user.groups.add(Group.objects.create(name="movers"))
    department = Department.objects.create(name="Network Operations")
    department.agents.add(user)
    tickets = [desk.file(user, {**FIELDS, "department": department}) for _ in range(5)]
    desk.comment(tickets[0], user, "seen", internal=True)
    desk.change(tickets[1].pk, user, {"priority": 3, "status": "in_progress"})
    desk.delete(tickets[-1], user)


def contents() -> dict[str, tables.Contents]:
    return {model._meta.db_table: tables.contents(model, "default") for model in tables.models()}


@pytest.fixture(autouse=True)
def _two_databases(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Not the mark django_db, which knows of no second database."""
    with django_db_blocker.unblock():
        yield
        forget()


def forget() -> None:
    """Drop the connection of the last copy."""
    if connections.settings.pop("source", None):
        connections["source"].close()
        del connections["source"]


@pytest.fixture
def source(tmp_path: Path) -> str:
    """The URL of an SQLite file with something of everything."""
    with database_of_its_own(folder(tmp_path, "source"), url="sqlite://"):
        fill()
        return url_of_default()


def folder(above: Path, name: str) -> Path:
    made = above / name
    made.mkdir()
    return made


def copy(url: str, *options: str) -> str:
    out = StringIO()
    call_command("copy_database", url, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_everything_arrives_as_it_was_and_goes_back(tmp_path: Path, source: str) -> None:
    with database_of_its_own(folder(tmp_path, "target")):
        told = copy(source)
        there = contents()
        assert (there["ticketing_ticket"].rows, there["ticketing_ticketevent"].rows) == (4, 8)
        assert all(f"{name} " in told for name in there)
        assert User.objects.get().check_password("a password that is long")
        back = url_of_default()
        forget()
        with database_of_its_own(folder(tmp_path, "back"), url="sqlite://"):
            copy(back)
            assert contents() == there
            assert desk.file(None, {**FIELDS, "department": Department.objects.get()}).pk == 6


def test_the_next_ids_are_those_after_the_last_ones_given(tmp_path: Path, source: str) -> None:
    with database_of_its_own(folder(tmp_path, "target")):
        copy(source)
        new = desk.file(None, {**FIELDS, "department": Department.objects.get()})
        assert new.pk == 6  # the fifth is gone, and its events are not those of another ticket
        assert TicketEvent.objects.get(ticket_id=6).pk == 9
        assert Comment.objects.create(ticket=new, text="first").pk == 2


def test_data_is_replaced_only_if_that_is_said(tmp_path: Path, source: str) -> None:
    with database_of_its_own(folder(tmp_path, "target")):
        fill()
        Ticket.objects.filter(pk=1).update(name="Only here")
        before = contents()
        with pytest.raises(CommandError, match=r"the target holds data already .*add --force to replace"):
            copy(source)
        assert contents() == before
        copy(source, "--force")
        assert Ticket.objects.get(pk=1).name == "Grace"


def test_what_was_read_differently_is_not_kept(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = tables.write

    def careless(model: type, alias: str, rows: Iterator[tables.Row]) -> None:
        if model is Ticket:
            rows = ((row[0], "Somebody", *row[2:]) for row in rows)
        write(model, alias, rows)

    monkeypatch.setattr(tables, "write", careless)
    with database_of_its_own(folder(tmp_path, "target")):
        before = contents()
        with pytest.raises(CommandError, match="ticketing_ticket did not arrive as it was: 4 rows"):
            copy(source)
        assert contents() == before


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////tmp/there-is-no-such.sqlite3", "no database of this service"),
        ("mysql://here/there", "neither SQLite nor PostgreSQL"),
    ],
)
def test_a_source_that_is_none_is_refused(tmp_path: Path, url: str, told: str) -> None:
    with database_of_its_own(tmp_path):
        with pytest.raises(CommandError, match=told):
            copy(url)
        forget()
        with pytest.raises(CommandError, match="the same database"):
            copy(url_of_default())
