"""The lab on PostgreSQL: moved there with all it has and back, through a restart, and closed to others."""

from __future__ import annotations

import json

import pytest

from tests.lab.conftest import Lab

pytestmark = pytest.mark.usefixtures("leaves_no_tickets")


def test_there_and_back_with_nothing_lost(lab: Lab) -> None:
    """One test, since each step begins where the one before ended, and takes the lab down and up."""
    filed = file_ticket(lab)
    count = tickets(lab)
    done = lab.run("db-copy", "postgres")
    assert done.returncode == 0, done.stderr + done.stdout
    try:
        assert tickets(lab) == ("postgresql", count[1])
        assert read(lab, filed) == 200
        only_the_app_reaches_it(lab)
        restart_keeps_what_was_filed(lab)
        refused = lab.run("db-copy", "sqlite")
        assert refused.returncode == 1
        assert "FORCE=1" in refused.stderr
        assert tickets(lab) == ("postgresql", count[1] + 1)
    finally:
        done = lab.run("db-copy", "sqlite", "--force")
    assert done.returncode == 0, done.stderr + done.stdout
    assert tickets(lab) == ("sqlite", count[1] + 1)
    assert file_ticket(lab) == filed + 2


def only_the_app_reaches_it(lab: Lab) -> None:
    address = lab.plan.address("db")
    assert f"{address}:5432" in lab.output("db", "ss", "-Hltn")
    for host in ("client", "edge", "discord"):
        counters = lab.counters()
        assert lab.on(host, "curl", "-sS", "-m", "2", f"telnet://{address}:5432").returncode == 28, host
        moved = {name for name, packets in lab.counters().items() if packets > counters[name]}
        assert any(name.endswith("_to_backend_dropped") for name in moved), host
    # Without the password not even the app's own hosts come in, and no other role does.
    stranger = "import psycopg; psycopg.connect(host='{}', user='{}', dbname='{}', password='guess')"
    for user, name in (("ticketing", "ticketing"), ("postgres", "ticketing"), ("ticketing", "postgres")):
        done = lab.on("app1", "python", "-c", stranger.format(address, user, name))
        assert "FATAL" in done.stderr, (user, name)


def restart_keeps_what_was_filed(lab: Lab) -> None:
    filed = file_ticket(lab)
    for host in ("app1", "db"):
        assert lab.run("restart", host).returncode == 0
    assert read(lab, filed) == 200
    assert {lab.fetch("/readyz")[0] for _ in range(4)} == {200}


def file_ticket(lab: Lab) -> int:
    ticket = {
        "name": "Ada",
        "email": "ada@example.com",
        "phone": "80007",
        "issue": "No link",
        "department": 1,
    }
    options = ("-H", "Content-Type: application/json", "-d", json.dumps(ticket), *as_instructor(lab))
    status, body = lab.fetch("/api/tickets/", *options)
    assert status == 201, body
    return int(json.loads(body)["id"])


def read(lab: Lab, ticket: int) -> int:
    return lab.fetch(f"/api/tickets/{ticket}/", *as_instructor(lab))[0]


def as_instructor(lab: Lab) -> tuple[str, str]:
    return "-H", f"Authorization: Bearer {lab.token('instructor')}"


def tickets(lab: Lab) -> tuple[str, int]:
    """In which kind of database, and how many."""
    show = (
        "from django.db import connection; from ticketing.models import Ticket;"
        "print(connection.vendor, Ticket.objects.count())"
    )
    vendor, count = lab.output("app1", "python", "manage.py", "shell", "-v0", "-c", show).split()[-2:]
    return vendor, int(count)
