"""The notify_discord command, run against the stand-in in virtual time."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.unit.notifier.stand_in import URL, FakeClock, StandIn
from ticketing.discord import lock
from ticketing.discord.webhook import Webhook
from ticketing.management.commands import notify_discord
from ticketing.models import Delivery, Department, Ticket


@dataclass
class Run:
    """How a run of the command ended, and all it said."""

    code: int
    out: str
    err: str


Notify = Callable[..., Run]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stand_in(clock: FakeClock) -> StandIn:
    return StandIn(clock)


@pytest.fixture
def notify(
    db: None,
    settings: object,
    stand_in: StandIn,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Notify:
    settings.DISCORD_WEBHOOK_URL = URL  # type: ignore[attr-defined]
    monkeypatch.setattr(lock, "_base", lambda: tmp_path / "db")  # other runs of the tests have their own
    monkeypatch.setattr(notify_discord, "new_clock", lambda: clock)
    monkeypatch.setattr(notify_discord, "open_webhook", lambda url: Webhook(url, stand_in.session()))

    def run(*arguments: str) -> Run:
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command("notify_discord", *arguments, stdout=out, stderr=err)
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
        except SystemExit as leaving:
            code = int(str(leaving.code))
        return Run(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def tickets(db: None) -> Callable[[int], list[int]]:
    """Make so many tickets as the course guide's script makes them; returns their ids."""

    def make(count: int) -> list[int]:
        departments = Department.objects.bulk_create(Department(name=f"Department {n}") for n in range(1, 11))
        made = Ticket.objects.bulk_create(
            Ticket(
                name=f"User {number}",
                email=f"user{number}@example.com",
                phone=f"{8_000_000_000 + number}",
                issue=("System Crash", "Request for Data", "Login Issues")[number % 3],
                department=departments[number % 10],
                created_at=datetime(2025, 1, 1 + number % 30, 12, tzinfo=UTC),
            )
            for number in range(1, count + 1)
        )
        return [ticket.pk for ticket in made]

    return make


def states() -> dict[int, str]:
    """The state of each ticket that has a record."""
    return dict(Delivery.objects.order_by("ticket_id").values_list("ticket_id", "state"))
