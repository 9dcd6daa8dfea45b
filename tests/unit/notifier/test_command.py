"""notify_discord's settings, secrets, lock, signals and progress."""

from __future__ import annotations

import io
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from tests.unit.notifier.conftest import Notify, states
from tests.unit.notifier.stand_in import ID, TOKEN, URL, FakeClock, StandIn
from tests.unit.notifier.test_webhook import PATH, cut, server
from ticketing.discord import lock
from ticketing.discord.address import WebhookURL
from ticketing.discord.answers import Answer, Outcome
from ticketing.discord.batching import Batch
from ticketing.discord.clock import SystemClock, stopped_by_signals
from ticketing.discord.progress import CLEAR_LINE, Progress
from ticketing.discord.sender import Summary
from ticketing.discord.webhook import Webhook
from ticketing.discord.wording import duration
from ticketing.models import Delivery, Ticket

Make = Callable[[int], list[int]]


@pytest.mark.parametrize("wrong", ["", f"https://discord.com/{TOKEN}", f"{URL}?wait=true"])
def test_a_wrong_setting_is_one_sentence_without_the_secret(
    notify: Notify, settings: object, stand_in: StandIn, wrong: str
) -> None:
    settings.DISCORD_WEBHOOK_URL = wrong  # type: ignore[attr-defined]
    run = notify()
    assert (run.code, run.out, stand_in.requests_seen) == (2, "", 0)
    assert "DISCORD_WEBHOOK_URL" in run.err
    assert "DISCORD_WEBHOOK_URL_FILE" in run.err
    assert run.err.count("\n") == 0
    assert TOKEN not in run.err


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "all", "٣"])
def test_a_wrong_limit_is_refused(notify: Notify, limit: str) -> None:
    run = notify(f"--limit={limit}")
    assert run.code != 0
    assert "not a whole number from 1" in run.err


def test_there_is_no_argument_for_the_url(notify: Notify) -> None:
    with pytest.raises((CommandError, TypeError)):
        call_command("notify_discord", f"--webhook-url={URL}")


def test_the_secret_is_said_nowhere(
    tickets: Make,
    notify: Notify,
    stand_in: StandIn,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    tickets(100)

    def unreachable(request: requests.PreparedRequest) -> None:
        raise requests.ConnectTimeout(f"{request.url} unreachable", request=request)

    stand_in.faults[2] = unreachable
    stand_in.losses[4] = requests.ReadTimeout(URL)
    with caplog.at_level(logging.DEBUG):
        runs = [notify(), notify("--dry-run"), notify("--resend-unknown"), notify("--again", "--limit", "1")]
    said = "".join(run.out + run.err for run in runs) + caplog.text + "".join(capfd.readouterr())
    assert ID in said
    assert TOKEN not in said


def test_the_libraries_own_debug_log_is_redacted(caplog: pytest.LogCaptureFixture) -> None:
    # Over a real connection, as only urllib3 itself logs the path.
    caplog.set_level(logging.DEBUG)
    with server(cut) as origin, Webhook(WebhookURL.parse(origin + PATH)) as webhook:
        webhook.post("hello")
    assert "/api/v10/webhooks/12/[secret]" in caplog.text
    assert TOKEN not in caplog.text


def test_a_second_run_at_the_same_time_is_refused(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    tickets(3)
    with lock.only_one(ID, SystemClock()):
        run = notify()
        assert run.code == 1
        assert run.err.startswith("Another notify_discord is sending to webhook")
        assert stand_in.requests_seen == 0
        assert notify("--dry-run").code == 0
    assert notify().code == 0


def test_a_ticket_claimed_elsewhere_stops_it_even_without_the_lock(
    notify: Notify, tickets: Make, stand_in: StandIn
) -> None:
    ids = tickets(60)
    inner: list[int] = []

    def rival(_: object) -> None:
        taken = set(states())
        rest = [pk for pk in ids if pk not in taken]
        inner.extend(rest)
        Delivery.objects.bulk_create(Delivery(webhook=ID, ticket_id=pk, state="sending") for pk in rest)

    stand_in.faults[1] = rival
    run = notify()
    assert run.code == 1
    assert "Another notify_discord" in run.err
    assert not set(stand_in.tickets()) & set(inner)


def test_a_lock_file_that_cannot_be_made_is_one_sentence(
    notify: Notify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_base", lambda: tmp_path / "gone" / "db")
    run = notify()
    assert run.code == 1
    assert "gone" in run.err
    assert run.err.count("\n") == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_waiting_at_once_and_the_second_one_is_the_systems_own(number: signal.Signals) -> None:
    clock = SystemClock()
    before = signal.getsignal(number)
    with stopped_by_signals(clock):
        assert signal.getsignal(number) is not before
        os.kill(os.getpid(), number)
        began = clock.monotonic()
        clock.sleep(60)
        assert clock.stopping
        assert clock.monotonic() - began < 30
        assert signal.getsignal(number) is before
    assert signal.getsignal(number) is before


def test_a_signal_during_a_request_lets_it_finish(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(60)
    stand_in.faults[2] = lambda _: os.kill(os.getpid(), signal.SIGTERM)
    run = notify()
    assert run.code == 130
    assert len(stand_in.times()) == 3
    assert states() == dict.fromkeys(stand_in.tickets(), "sent")
    assert f"{len(ids) - len(stand_in.tickets())} tickets left" in run.err


def test_a_deleted_ticket_does_not_stop_the_rest(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(60)
    stand_in.faults[0] = lambda _: Ticket.objects.filter(pk=ids[-1]).delete() and None
    assert notify().code == 0
    assert set(states()) == set(ids[:-1])


def progress(clock: FakeClock, *, terminal: bool) -> tuple[Progress, io.StringIO]:
    out = io.StringIO()
    return Progress(out.write, clock, 10, 1_300, terminal=terminal), out


def test_progress_on_a_terminal_is_one_line_written_over(clock: FakeClock) -> None:
    shown, out = progress(clock, terminal=True)
    shown.waiting(Summary(tickets=260, messages=2), 48, 180)
    shown.settled(Summary(tickets=390, messages=3), Batch(3, (7, 8), ""), Answer(Outcome.SENT), 120)
    shown.close()
    assert "\n" not in out.getvalue()
    _, first, second, last = out.getvalue().split(CLEAR_LINE)
    assert first == "2 of 10 messages, 260 of 1,300 tickets sent; about 3 min 0 s left, next in 48 s"
    assert second == "3 of 10 messages, 390 of 1,300 tickets sent; about 2 min 0 s left"
    assert last == ""


def test_progress_elsewhere_is_a_line_now_and_then_but_each_mishap(clock: FakeClock) -> None:
    shown, out = progress(clock, terminal=False)
    for _ in range(60):
        clock.time += 1
        shown.waiting(Summary(), 5, 60)
    batch = Batch(3, (7, 8), "")
    shown.settled(Summary(), batch, Answer(Outcome.UNKNOWN, "the connection broke"), 0)
    shown.close()
    lines = out.getvalue().splitlines()
    assert len(lines) == 7
    assert (
        lines[-1] == "Batch 3 (tickets 7 to 8) was perhaps taken; the answer was lost: the connection broke."
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (189, "3 min 9 s"), (3_900, "1 h 5 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
