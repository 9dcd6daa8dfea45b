"""notify_discord against the real stand-in: everything arrives once, on time, whatever comes between."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import call_command
from werkzeug.test import Client

from discord_sim.bucket import Limit
from discord_sim.config import Config
from tests.unit.notifier.conftest import Notify, states
from tests.unit.notifier.stand_in import ID, TOKEN, URL, FakeClock, StandIn, reply
from ticketing.discord.formats import FORMATS
from ticketing.models import Delivery, Ticket

Make = Callable[[int], list[int]]


def shortest(messages: int, webhook: Limit, channel: Limit) -> float:
    """The seconds that both limits demand at least between the first and the last of `messages`."""
    rounds, rest = divmod(messages - 1, channel.requests)
    return rounds * channel.period + rest // webhook.requests * webhook.period


def refusals(stand_in: StandIn) -> int:
    return int(stand_in.json("/_lab/stats")["rate_limited"])


@pytest.mark.parametrize(
    ("rtt", "webhook", "channel"),
    [
        pytest.param(0.05, "5/2", "30/60", id="as Discord"),
        pytest.param(0.4, "5/2", "30/60", id="a slow link"),
        pytest.param(lambda number: (0.02, 0.9, 0.1)[number % 3], "5/2", "30/60", id="a link that jitters"),
        pytest.param(0.05, "5/2", "10/20", id="a tighter channel"),
        pytest.param(0.05, "2/5", "1000/60", id="a tighter webhook"),
        pytest.param(0.05, "5/2", "1/3", id="one at a time"),
    ],
)
def test_all_1300_arrive_once_in_order_and_nearly_as_fast_as_the_limits_allow(
    notify: Notify,
    tickets: Make,
    stand_in: StandIn,
    clock: FakeClock,
    rtt: float,
    webhook: str,
    channel: str,
) -> None:
    ids, began = tickets(1_300), clock.time
    stand_in.rtt = rtt
    stand_in.app.extensions["webhook"].set_limits(Limit.parse(webhook), Limit.parse(channel))
    run = notify()
    assert run.code == 0, run.err
    assert stand_in.tickets() == ids
    assert states() == dict.fromkeys(ids, "sent")
    times = stand_in.times()
    least = shortest(len(times), Limit.parse(webhook), Limit.parse(channel))
    assert clock.time - began <= 1.1 * least + 2
    assert refusals(stand_in) <= 1  # that of the first window, if the channel is the tighter limit
    assert "1,300 tickets" in run.out


def test_the_seeded_tickets_need_a_third_of_the_guides_messages_or_less(
    notify: Notify, stand_in: StandIn, tmp_path: Path
) -> None:
    file = str(tmp_path / "tickets.json")
    call_command("generate_tickets", "--count", "1300", "--seed", "10", "--output", file)
    call_command("load_tickets", file)
    needed = {}
    for form in FORMATS:
        assert notify("--format", form, "--again").code == 0
        assert stand_in.tickets() == list(range(1, 1_301))
        needed[form] = stand_in.json("/_lab/stats")["messages"]
        assert stand_in.json("/_lab/stats")["tickets_repeated"] == []
        Client(stand_in.app).delete("/_lab/messages")
    assert needed == {"guide": 145, "compact": 19}
    assert needed["compact"] <= needed["guide"] / 3


def test_only_the_channels_first_window_ends_in_a_429(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    tickets(1_300)
    notify()
    assert stand_in.json("/_lab/stats")["refused"] == {"429 shared": 1}
    times = stand_in.times()
    assert len(times) > 100
    # Stricter than the stand-in, whose windows are fixed: no 60 s anywhere have more than 30 messages.
    assert all(later - earlier > 60 for earlier, later in zip(times, times[30:], strict=False))
    assert times == sorted(times)


def test_messages_are_full_and_within_the_limit(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    tickets(100)
    notify()
    messages = [message["content"] for message in stand_in.json("/_lab/messages")]
    assert all(text.startswith(f"**Batch {n}:**\n🎟 Ticket ") for n, text in enumerate(messages, start=1))
    assert all(len(text) <= 2_000 for text in messages)
    assert all(len(this) + len(following) > 2_000 for this, following in pairwise(messages))


def test_a_stop_in_the_middle_is_clean_and_the_next_run_goes_on(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    ids = tickets(1_300)
    clock.stop_at = clock.time + 70
    first = notify()
    assert first.code == 130
    assert "notify_discord again" in first.err
    arrived = stand_in.tickets()
    assert arrived == ids[: len(arrived)]
    assert 0 < len(arrived) < len(ids)
    assert states() == dict.fromkeys(arrived, "sent")
    clock.stop_at = float("inf")
    clock.time += 5  # the channel's window is still open
    before = refusals(stand_in)
    assert notify().code == 0
    assert stand_in.tickets() == ids
    assert refusals(stand_in) - before == 1
    last = stand_in.json("/_lab/messages")[-1]
    assert last["content"].startswith(f"**Batch {len(stand_in.times())}:**")


@pytest.mark.parametrize("sent_before", [1, 100, 250])
def test_a_run_within_the_window_of_another_learns_the_whole_limit(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock, sent_before: int
) -> None:
    tickets(1_300)
    began = clock.time
    assert notify("--limit", str(sent_before)).code == 0
    assert refusals(stand_in) == 0
    clock.time += 20
    assert notify().code == 0
    assert refusals(stand_in) == 1
    assert clock.time - began <= 1.1 * shortest(len(stand_in.times()), Limit(5, 2), Limit(30, 60)) + 20


def test_others_in_the_channel_slow_it_down_only_for_a_while(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    ids = tickets(3_000)
    webhook = stand_in.app.extensions["webhook"]

    def others(_: object) -> None:
        for _number in range(min(20, webhook._channel.remaining(clock.time))):
            webhook._channel.take(clock.time)

    stand_in.faults[45] = others  # in the second window
    run = notify()
    assert run.code == 0
    assert stand_in.tickets() == ids
    assert refusals(stand_in) == 2


def test_a_second_run_sends_nothing(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(30)
    notify()
    seen = stand_in.requests_seen
    second = notify()
    assert second.code == 0
    assert "No ticket is waiting" in second.out
    assert (stand_in.requests_seen, stand_in.tickets()) == (seen, ids)
    Ticket.objects.filter(pk=ids[0]).update(issue="changed")
    assert notify("--again").code == 0
    assert stand_in.tickets() == ids + ids


def test_limit_and_dry_run(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(1_300)
    plan = notify("--dry-run")
    assert plan.code == 0
    assert "1,300 tickets" in plan.out
    assert "about 4 min" in plan.out
    assert f"**Batch 1:**\n🎟 Ticket {ids[0]}\n" in plan.out
    assert (stand_in.requests_seen, Delivery.objects.count()) == (0, 0)
    assert notify("--limit", "7").code == 0
    assert stand_in.tickets() == ids[:7]


def lost() -> requests.ConnectionError:
    return requests.ConnectionError("('Connection aborted.', ConnectionResetError())", request=None)


@pytest.mark.parametrize("loss", [lost(), requests.ReadTimeout(URL)])
def test_a_lost_answer_is_unknown_and_not_resent_unless_asked(
    notify: Notify, tickets: Make, stand_in: StandIn, loss: Exception
) -> None:
    ids = tickets(60)
    stand_in.losses[1] = loss
    first = notify()
    assert first.code == 1
    assert "--resend-unknown" in first.err
    assert stand_in.tickets() == ids
    unknown = [ticket for ticket, state in states().items() if state == "unknown"]
    assert unknown == ids[len(unknown) : 2 * len(unknown)]
    assert notify().code == 1
    assert stand_in.tickets() == ids
    assert notify("--resend-unknown").code == 0
    assert stand_in.tickets() == ids + unknown
    assert set(states().values()) == {"sent"}


def test_what_a_crash_left_under_way_is_unknown(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(3)
    Delivery.objects.create(webhook=ID, ticket_id=ids[1], state=Delivery.State.SENDING)
    run = notify()
    assert run.code == 1
    assert "1 ticket" in run.err
    assert states() == {ids[0]: "sent", ids[1]: "unknown", ids[2]: "sent"}
    assert stand_in.tickets() == [ids[0], ids[2]]


def test_a_batch_is_on_record_before_its_request_leaves(
    notify: Notify, tickets: Make, stand_in: StandIn
) -> None:
    ids = tickets(30)
    seen: list[dict[int, str]] = []
    stand_in.faults[1] = lambda _: seen.append(states())
    notify()
    (during,) = seen
    assert set(during.values()) == {"sent", "sending"}
    assert list(during) == ids[: len(during)]


def test_refused_connections_and_5xx_are_tried_again(
    notify: Notify, tickets: Make, stand_in: StandIn
) -> None:
    ids = tickets(60)

    def unreachable(request: requests.PreparedRequest) -> None:
        raise requests.ConnectTimeout(f"{request.url} unreachable", request=request)

    stand_in.faults = {0: unreachable, 1: lambda _: reply(502, body=b"<html>"), 3: lambda _: reply(503)}
    assert notify().code == 0
    assert stand_in.tickets() == ids


def test_a_server_that_stays_away_ends_the_run_with_nothing_unknown(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    ids, began = tickets(60), clock.time
    stand_in.faults = {number: lambda _: reply(503) for number in range(1, 100)}
    run = notify()
    assert run.code == 1
    assert "(503)" in run.err
    assert set(states().values()) == {"sent"}
    assert clock.time - began < 120
    stand_in.faults = {}
    assert notify().code == 0
    assert stand_in.tickets() == ids


@pytest.mark.parametrize("answer", [(504,), (200, {"Content-Type": "text/html"}, b"<html>Log in")])
def test_a_row_of_useless_answers_stops_before_everything_is_unknown(
    notify: Notify, tickets: Make, stand_in: StandIn, answer: tuple[Any, ...]
) -> None:
    tickets(100)
    stand_in.faults = {number: lambda _: reply(*answer) for number in range(100)}
    run = notify()
    assert run.code == 1
    assert "3 messages in a row" in run.err
    assert stand_in.requests_seen == 3


def test_an_answer_cut_short_still_says_sent(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    tickets(1)
    stand_in.faults[0] = lambda _: reply(200, {"Content-Type": "application/json"}, b'{"id": "12')
    assert notify().code == 0
    assert set(states().values()) == {"sent"}


def test_a_rejected_batch_is_reported_and_the_rest_goes_on(
    notify: Notify, tickets: Make, stand_in: StandIn
) -> None:
    ids = tickets(60)
    stand_in.faults[1] = lambda _: reply(400, body=b'{"code": 50035}')
    run = notify()
    assert run.code == 1
    failed = [ticket for ticket, state in states().items() if state == "failed"]
    assert f"Batch 2 (tickets {failed[0]} to {failed[-1]})" in run.out
    assert "50035" in run.out
    assert sorted(stand_in.tickets() + failed) == ids
    assert notify().code == 0
    assert sorted(stand_in.tickets()) == ids


@pytest.mark.parametrize(
    ("webhook", "says"), [(f"{ID}/wrong", "401"), (f"1{ID}/{TOKEN}", "404")], ids=["token", "webhook"]
)
def test_a_wrong_webhook_stops_at_once_with_one_sentence(
    notify: Notify, tickets: Make, stand_in: StandIn, settings: object, webhook: str, says: str
) -> None:
    tickets(60)
    settings.DISCORD_WEBHOOK_URL = f"https://203.0.113.80/api/v10/webhooks/{webhook}"  # type: ignore[attr-defined]
    run = notify()
    assert run.code == 1
    assert f"({says})" in run.err
    assert run.err.count("\n") == 0
    assert stand_in.requests_seen == 1
    assert states() == {}


@pytest.mark.parametrize(
    "ban",
    [
        reply(429, {"Content-Type": "text/html"}, b"error code: 1015"),
        reply(429, {"Via": "1.1 google", "Retry-After": "1"}, b"<html>"),
        reply(302, {"Location": "http://elsewhere.example/"}),
    ],
)
def test_answers_from_before_discord_stop_it(
    notify: Notify, tickets: Make, stand_in: StandIn, ban: requests.Response
) -> None:
    tickets(60)
    stand_in.faults[0] = lambda _: ban
    run = notify()
    assert (run.code, stand_in.requests_seen, states()) == (1, 1, {})


def test_a_wait_of_hours_is_not_waited_for(
    notify: Notify, tickets: Make, stand_in: StandIn, clock: FakeClock
) -> None:
    tickets(1)
    began = clock.time
    stand_in.faults[0] = lambda _: reply(
        429, {"Via": "1.1 google"}, b'{"retry_after": 7200.0, "global": false}'
    )
    run = notify()
    assert run.code == 1
    assert "120 minutes" in run.err
    assert clock.time - began < 10


def test_records_are_kept_for_each_webhook(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(3)
    Delivery.objects.bulk_create(Delivery(webhook="1", ticket_id=pk, state="sent") for pk in ids)
    notify()
    assert stand_in.tickets() == ids


def test_nobody_is_mentioned_and_nothing_unfolds(notify: Notify, tickets: Make, stand_in: StandIn) -> None:
    ids = tickets(1)
    Ticket.objects.filter(pk=ids[0]).update(issue="@everyone <@1> https://evil.example\n🎟 Ticket 999")
    notify()
    assert b'"allowed_mentions": {"parse": []}' in stand_in.bodies[0]
    assert b'"flags": 4' in stand_in.bodies[0]
    notify("--again", "--format", "compact")
    assert b'"allowed_mentions": {"parse": []}' in stand_in.bodies[1]
    assert stand_in.tickets() == ids + ids
    assert "@everyone" not in stand_in.json("/_lab/messages")[0]["content"]


def test_the_stand_ins_limits_are_those_of_its_settings(clock: FakeClock) -> None:
    tight = StandIn(clock, config=Config(ID, TOKEN, webhook_limit=Limit(1, 9)))
    assert tight.json("/_lab/limits") == {"webhook": "1/9", "channel": "30/60"}
