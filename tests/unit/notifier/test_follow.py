"""notify_discord --follow: what is filed arrives once and soon, whatever comes between; and --status."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
import requests
from django.db import OperationalError, transaction

from discord_sim.replies import unknown_webhook
from tests.unit.notifier.conftest import Notify, Run, states
from tests.unit.notifier.stand_in import ID, FakeClock, StandIn, reply
from tests.unit.sequences import renew
from ticketing.discord import follower
from ticketing.discord.lock import only_one
from ticketing.discord.outbox import SETTLED, Outbox
from ticketing.discord.records import Records
from ticketing.models import Delivery, Department, Ticket, TicketEvent
from ticketing.services import desk

Make = Callable[[int], list[int]]
Follow = Callable[..., Run]
File = Callable[[int], list[int]]


@pytest.fixture
def file(db: None) -> File:
    """File so many tickets as the API does; returns their ids."""

    renew(Ticket)  # the ids' digits count in a message's length

    def filed(count: int) -> list[int]:
        department, _ = Department.objects.get_or_create(name="Service Desk")
        fields = {"email": "user@example.com", "phone": "80007", "issue": "No link", "department": department}
        return [desk.file(None, {**fields, "name": f"User {number}"}).pk for number in range(count)]

    return filed


@pytest.fixture
def follow(notify: Notify, clock: FakeClock) -> Follow:
    """Follow for so many seconds; what `plans` says happens so many seconds after the start."""

    def run(seconds: float, plans: dict[float, Callable[[], object]] | None = None, *more: str) -> Run:
        began, clock.stopped = clock.time, False
        clock.plans = {began + after: action for after, action in (plans or {}).items()}
        clock.stop_at = began + seconds
        try:
            return notify("--follow", *more)
        finally:
            clock.stop_at = float("inf")

    return run


def test_only_what_is_filed_from_then_on_is_sent_and_soon(
    follow: Follow, file: File, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    tickets(5)
    file(3)
    filed: list[int] = []
    began = clock.time
    run = follow(30, {5: lambda: filed.extend(file(1)), 10: lambda: filed.extend(file(2))})
    assert (run.code, run.err) == (0, "")
    assert stand_in.tickets() == filed
    assert states() == dict.fromkeys(filed, "sent")
    assert [time - began < due for time, due in zip(stand_in.times(), (8, 13), strict=True)] == [True, True]
    assert run.out.count(f"Sent batch 2: ticket {filed[1]}, {filed[2]}.") == 1


def test_the_rest_stays_for_a_run_without_it(
    follow: Follow, notify: Notify, file: File, tickets: Make, stand_in: StandIn
) -> None:
    loaded = tickets(5)
    filed: list[int] = []
    follow(10, {2: lambda: filed.extend(file(2))})
    assert notify().code == 0
    assert stand_in.tickets() == filed + loaded
    follow(10)
    assert stand_in.tickets() == filed + loaded


def test_what_is_filed_while_it_is_down_is_sent_after_the_next_start(
    follow: Follow, file: File, stand_in: StandIn
) -> None:
    follow(5)
    missed = file(3)
    assert follow(10).code == 0
    assert stand_in.tickets() == missed


def test_what_was_rolled_back_or_deleted_is_not_sent(follow: Follow, file: File, stand_in: StandIn) -> None:
    follow(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        1 / (len(file(1)) - 1)
    Ticket.objects.filter(pk__in=file(1)).delete()
    kept = file(1)
    assert follow(10).code == 0
    assert stand_in.tickets() == kept


@pytest.mark.parametrize("form", ["guide", "compact"])
def test_a_flood_is_sent_in_full_messages_within_the_limits(
    follow: Follow, file: File, stand_in: StandIn, form: str
) -> None:
    filed: list[int] = []
    follow(100, {3: lambda: filed.extend(file(500))}, "--format", form)
    assert stand_in.tickets() == filed
    assert len(stand_in.times()) <= (500 / 8 if form == "guide" else 500 / 80)
    assert stand_in.json("/_lab/stats")["rate_limited"] == (form == "guide")


def test_a_lost_answer_is_unknown_and_the_next_ticket_goes_all_the_same(
    follow: Follow, file: File, stand_in: StandIn
) -> None:
    stand_in.losses[0] = requests.ReadTimeout()
    filed: list[int] = []
    run = follow(60, {1: lambda: filed.extend(file(1)), 10: lambda: filed.extend(file(1))})
    assert states() == {filed[0]: "unknown", filed[1]: "sent"}
    assert stand_in.tickets() == filed
    assert "the answer was lost" in run.out


def test_answers_that_stay_away_make_fewer_and_fewer_tickets_unknown(
    follow: Follow, file: File, stand_in: StandIn
) -> None:
    stand_in.losses = dict.fromkeys(range(1_000), requests.ReadTimeout())
    follow(900, {float(second): lambda: file(1) for second in range(900)})
    assert 5 <= stand_in.requests_seen <= 11  # after 1, 2, 4, … seconds


def test_a_webhook_that_is_gone_is_said_and_asked_ever_more_rarely(
    follow: Follow, file: File, stand_in: StandIn
) -> None:
    gone = unknown_webhook()
    stand_in.faults = {number: lambda _: reply(gone.status) for number in range(5)}
    filed: list[int] = []
    run = follow(120, {1: lambda: filed.extend(file(1))})
    assert run.out.count("Discord knows no such webhook (404)") == 5
    assert re.findall(r"nothing is sent for (\d+) s", run.out) == ["1", "2", "4", "8", "16"]
    assert stand_in.tickets() == filed


def test_a_database_that_is_busy_is_waited_for(
    follow: Follow, file: File, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = iter([True, False, True, True])
    for holder, name in ((Outbox, "pending"), (Records, "settle")):
        original = getattr(holder, name)

        def sometimes(*arguments: object, original: Callable[..., object] = original) -> object:
            if next(busy, False):
                raise OperationalError("database is locked")
            return original(*arguments)

        monkeypatch.setattr(holder, name, sometimes)
    # In the test's own transaction it would close a sound connection to PostgreSQL, and roll everything back.
    monkeypatch.setattr(follower, "close_old_connections", lambda: None)
    filed: list[int] = []
    run = follow(60, {1: lambda: filed.extend(file(1))})
    assert "The database gave up (database is locked); nothing is sent for 1 s." in run.out
    assert stand_in.tickets() == filed
    assert states() == dict.fromkeys(filed, "sent")  # the answer was noted at the third try


def test_a_signal_during_a_request_lets_it_finish(follow: Follow, file: File, stand_in: StandIn) -> None:
    stand_in.faults[0] = lambda _: os.kill(os.getpid(), signal.SIGTERM)
    filed: list[int] = []
    run = follow(600, {1: lambda: filed.extend(file(1))})
    assert run.code == 0
    assert "Stopped as asked" in run.out
    assert states() == dict.fromkeys(filed, "sent")


def test_a_run_that_holds_the_lock_goes_first_and_that_is_said_once(
    follow: Follow, file: File, stand_in: StandIn, clock: FakeClock
) -> None:
    held = ExitStack()
    filed: list[int] = []
    seen: list[int] = []

    def release() -> None:
        seen.append(stand_in.requests_seen)
        held.close()

    run = follow(
        60,
        {
            1: lambda: held.enter_context(only_one(ID, clock)),
            2: lambda: filed.extend(file(1)),
            30: release,
        },
    )
    assert seen == [0]
    assert run.out.count("Another notify_discord is sending") == 1
    assert stand_in.tickets() == filed


def test_a_run_over_the_backlog_waits_for_a_message_of_the_follower(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    ids, held = tickets(3), ExitStack()
    held.enter_context(only_one(ID, clock))
    clock.plans[clock.time + 5] = held.close
    assert notify().code == 0
    assert stand_in.tickets() == ids


def test_what_another_run_sends_meanwhile_counts_for_the_follower(
    follow: Follow, notify: Notify, file: File, tickets: Make, stand_in: StandIn
) -> None:
    filed: list[int] = []
    loaded: list[int] = []

    def another_run() -> None:
        loaded.extend(tickets(180))  # 20 messages
        assert notify().code == 0
        filed.extend(file(200))  # 20 more, where the channel takes ten

    follow(300, {1: lambda: filed.extend(file(400)), 200: another_run})
    assert sorted(stand_in.tickets()) == sorted(filed + loaded)
    assert stand_in.json("/_lab/stats")["rate_limited"] == 1  # that by which the follower learned the limit


def test_what_a_killed_one_left_under_way_is_unknown(follow: Follow, file: File, stand_in: StandIn) -> None:
    follow(2)
    left, waiting = file(2)
    Delivery.objects.create(webhook=ID, ticket_id=left, state=Delivery.State.SENDING)
    follow(10)
    assert states() == {left: "unknown", waiting: "sent"}


def test_what_is_settled_is_not_looked_through_again_but_what_is_recent_is(
    file: File, clock: FakeClock
) -> None:
    outbox = Outbox.switched_on(ID, clock)
    early, late = file(2)
    Delivery.objects.create(webhook=ID, ticket_id=late, state="sent")
    TicketEvent.objects.filter(ticket_id=late).update(at=clock.now() - 2 * SETTLED)
    # As if its transaction ended only now, long after that of the later id began.
    TicketEvent.objects.filter(ticket_id=early).update(at=clock.now())
    assert not outbox.is_empty()
    Delivery.objects.create(webhook=ID, ticket_id=early, state="sent")
    assert outbox.is_empty()
    Delivery.objects.all().delete()
    assert len(outbox) == 0
    assert len(Outbox.switched_on(ID, clock)) == 2
    recent = Outbox.switched_on(ID, clock)
    TicketEvent.objects.update(at=clock.now() - SETTLED + timedelta(seconds=1))
    Delivery.objects.bulk_create(Delivery(webhook=ID, ticket_id=pk, state="sent") for pk in (early, late))
    assert recent.is_empty()
    Delivery.objects.all().delete()
    assert len(recent) == 2


def test_the_status_is_that_of_every_ticket(
    notify: Notify, follow: Follow, file: File, tickets: Make, stand_in: StandIn
) -> None:
    assert "--follow" not in notify("--status").out
    ids = tickets(10)
    follow(2)
    file(2)
    for number, state in enumerate(["sending", "sent", "sent", "failed", "unknown"]):
        Delivery.objects.create(webhook=ID, ticket_id=ids[number], state=state)
    run = notify("--status")
    assert run.code == 0
    found = dict(re.findall(r"(?m)^  (\w+) +([\d,]+)  ", run.out))
    assert found == {"pending": "7", "sending": "1", "sent": "2", "failed": "1", "unknown": "1"}
    assert "2 filed since" in run.out
    assert states()[ids[0]] == "sending"
    assert stand_in.requests_seen == 0


@pytest.mark.parametrize(
    "words", [("--follow", "--again"), ("--status", "--limit", "3"), ("--follow", "--status")]
)
def test_what_makes_no_sense_together_is_refused(notify: Notify, words: tuple[str, ...]) -> None:
    run = notify(*words)
    assert run.code != 0
    assert "--follow" in run.err
    assert run.out == ""
