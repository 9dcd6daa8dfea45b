"""The data that all servers answer from, made by the service's own commands."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.site import environment, manage

PASSWORD = "benchmarks are no secret"  # noqa: S105 - of users that live as long as the benchmark
INSTRUCTOR, AGENT, STUDENT = "instructor", "agent", "student"

# An agent of three desks, and a student who filed every tenth ticket and has every 50th of these assigned.
_CAST = f"""
    UPDATE auth_user_groups SET group_id = (SELECT id FROM auth_group WHERE name = 'agents')
        WHERE user_id = (SELECT id FROM auth_user WHERE username = '{AGENT}');
    INSERT INTO ticketing_department_agents (department_id, user_id)
        SELECT d.id, u.id FROM ticketing_department d, auth_user u WHERE d.id <= 3 AND u.username = '{AGENT}';
    UPDATE ticketing_ticket SET user_id = (SELECT id FROM auth_user WHERE username = '{STUDENT}')
        WHERE id % 10 = 0;
    UPDATE ticketing_ticket SET assignee_id = (SELECT id FROM auth_user WHERE username = '{AGENT}')
        WHERE id % 50 = 0;
"""  # noqa: S608 - our own names


def make(database: Path, count: int) -> Path:
    """A new SQLite file with `count` tickets and three users, one of each role.

    Raises LabError with what a command said when it failed.
    """
    settings = environment(database.parent, database.name)
    fixture = database.with_suffix(".json")
    manage(settings, "migrate", "--verbosity", "0")
    manage(settings, "generate_tickets", "--count", str(count), "--output", str(fixture))
    manage(settings, "load_tickets", str(fixture))
    fixture.unlink()
    roles = {INSTRUCTOR: "instructor", AGENT: "student", STUDENT: "student"}
    users = [{"username": name, "password": PASSWORD, "role": role} for name, role in roles.items()]
    manage(settings, "ensure_users", "-", sent=json.dumps(users))
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(_CAST)
        connection.execute("PRAGMA journal_mode=DELETE")  # so that the file is whole without a second one
    return database


def copy(original: Path, database: Path, *, wal: bool) -> Path:
    """A server's own copy of a file that `make` made.

    Whether the journal is a write-ahead log stays with the file. The servers that want it say so with each
    connection; but of several that switch it on at the same moment, SQLite lets only one do it.
    """
    shutil.copy(original, database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
    return database
