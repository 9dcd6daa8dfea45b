"""The same of PostgreSQL: where DATABASE_URL names one whose role may make databases."""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from benchmarks.site import environment, manage
from benchmarks.writers import prepare
from tests.edge.desk import Service, served
from tests.edge.test_backup import command, unpacked, writing
from ticketing.backup import archive, postgresql

SERVER = os.environ.get("DATABASE_URL", "")

pytestmark = pytest.mark.skipif(
    not SERVER.startswith("postgres"), reason="DATABASE_URL names no PostgreSQL: tested where it does"
)


@pytest.fixture
def url() -> Iterator[str]:
    """A database of its own."""
    name = f"backup_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def column(database: Path, table: str, name: str) -> list[str]:
    """The column's values, in the file that a backup has of a database."""
    for head, rows in postgresql._sections(database):
        if head.get("table") == table:
            place = head["columns"].index(name)
            return sorted(row.rstrip(b"\n").split(b"\t")[place].decode() for row in rows)
    raise AssertionError(f"no table {table}")


def test_every_write_that_was_acknowledged_before_is_in_it_and_none_by_halves(
    tmp_path: Path, url: str
) -> None:
    acknowledged: list[str] = []

    def work(caller: Service, turn: int) -> None:
        answer = caller.file(f"key-{turn}")
        assert answer.status_code == 201
        acknowledged.append(str(answer.json()["id"]))

    with served(tmp_path / "site", DATABASE_URL=url) as service, writing(service, work, writers=4):
        while len(acknowledged) < 20:
            threading.Event().wait(0.05)
        for number in range(5):
            before = set(acknowledged)
            backup, folder = tmp_path / f"{number}.tar.gz", tmp_path / f"taken apart {number}"
            done = command(service.settings, "write_backup", str(backup))
            assert done.returncode == 0, done.stderr
            unpacked(backup, folder)
            tickets = column(folder / "database", "ticketing_ticket", "id")
            assert before <= set(tickets)
            events = column(folder / "database", "ticketing_ticketevent", "ticket_id")
            assert sorted(set(tickets) - {"1"}) == events
            assert len(column(folder / "database", "ticketing_idempotencykey", "id")) == len(tickets) - 1


def test_a_restore_brings_all_back_and_gives_no_number_twice(tmp_path: Path, url: str) -> None:
    backup, again = tmp_path / "backup.tar.gz", tmp_path / "again.tar.gz"
    with (
        served(tmp_path / "site", DATABASE_URL=url) as service,
        psycopg.connect(url, autocommit=True) as database,
    ):
        database.execute(r"UPDATE ticketing_ticket SET issue = E'tab \t line \n \\ \\. and \\N'")
        kept = service.file().json()["id"]
        made = json.loads(manage(service.settings, "write_backup", str(backup)))
        later = service.file().json()["id"]
        database.execute("UPDATE ticketing_ticket SET name = 'Somebody'")
        assert json.loads(manage(service.settings, "restore_backup", str(backup))) == made
        manage(service.settings, "write_backup", str(again))
        tables = [unpacked(path, tmp_path / path.stem).tables for path in (backup, again)]
        assert tables[0] == tables[1]
        assert service.get(f"/api/tickets/{later}/").status_code == 404
        assert service.file().json()["id"] == kept + 1


def test_a_restore_that_fails_half_way_leaves_rows_and_numbers_as_they_were(tmp_path: Path, url: str) -> None:
    settings = environment(tmp_path, DATABASE_URL=url, MEDIA_ROOT=str(tmp_path / "media"))
    prepare(tmp_path, settings)
    backup, bad = tmp_path / "backup.tar.gz", tmp_path / "bad.tar.gz"
    manage(settings, "write_backup", str(backup))
    manifest = unpacked(backup, tmp_path / "out")
    file = tmp_path / "out" / "database"
    # All rows and most sequences are written by the time that this one turns out not to be there.
    content = file.read_bytes().replace(b'"ticketing_ticket_id_seq"', b'"of_nobody"')
    assert content != file.read_bytes()
    file.write_bytes(content)
    manifest.members["database"] = archive.digest(file)
    with bad.open("wb") as out:
        archive.write(out, manifest, {"database": file})
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("UPDATE ticketing_ticket SET name = 'Ours'")
        before = database.execute("SELECT last_value FROM ticketing_department_id_seq").fetchall()
        done = command(settings, "restore_backup", str(bad))
        assert done.returncode == 1, done.stderr
        assert database.execute("SELECT name FROM ticketing_ticket").fetchall() == [("Ours",)]
        assert database.execute("SELECT last_value FROM ticketing_department_id_seq").fetchall() == before
