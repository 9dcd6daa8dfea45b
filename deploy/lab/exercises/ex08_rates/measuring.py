"""What exercise 8 measures: a burst at the edge, what the channel got, and a sender that knows no limits."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex08_rates.drawn import Drawn

BUSY = "429"
# A log-in without a password: refused by the application with 403, and so cheap. All connections at once.
BURST = """curl -s --parallel --parallel-immediate --parallel-max 100 -m 20 -d '' -o /dev/null \
-w '%{http_code} %{time_pretransfer}\\n' "$0?n=[1-$1]" """
POSTS = """curl -s -m 20 -H 'Content-Type: application/json' -d '{"content": "naive"}' -o /dev/null \
-w '%{http_code}\\n' "$(cat /run/secrets/discord_webhook_url)?n=[1-$0]" """
PLANNED = re.compile(r"Would send ([\d,]+) tickets? in ([\d,]+) messages?")
# The notifier's own records: an empty channel has got nothing, so nothing is on record as sent to it.
FORGET = (
    "from ticketing.models import Delivery; from ticketing.discord.address import WebhookURL; "
    "from django.conf import settings; "
    "Delivery.objects.filter(webhook=WebhookURL.parse(settings.DISCORD_WEBHOOK_URL).id).delete()"
)


@dataclass(frozen=True)
class Burst:
    """How many passed, and seconds from the first request to the last."""

    passed: int
    spread: float


@dataclass(frozen=True)
class Run:
    """The last run of the notifier that the channel got: of its tickets, and seconds from first to last."""

    tickets: int = 0
    messages: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Seen:
    """All that is measured; naive: how many posts got 429."""

    burst: Burst
    run: Run
    naive: int


def bucket(lab: RunningLab, drawn: Drawn) -> Burst:
    """Send the log-ins at once to a bucket that nobody has used for long enough to be idle."""
    time.sleep(drawn.refill)
    url = f"http://{lab.address('edge')}/api/auth/login/"
    rows = [
        line.split() for line in lab.run("client", "sh", "-c", BURST, url, str(drawn.requests)).splitlines()
    ]
    _must_be_answered([row[0] for row in rows], "the edge")
    sent = [float(row[1]) for row in rows]
    return Burst(sum(row[0] != BUSY for row in rows), max(sent) - min(sent))


def naive(lab: RunningLab, drawn: Drawn) -> int:
    """Post so many messages one after the other, heeding nothing; how many got 429.

    The windows start anew before and after it, so that neither it nor the student's next run is cut short.
    """
    lab.set_limits(drawn.limits)
    codes = lab.run("app1", "sh", "-c", POSTS, str(drawn.posts)).split()
    lab.set_limits(drawn.limits)
    _must_be_answered(codes, "the Discord stand-in")
    return codes.count(BUSY)


def _must_be_answered(codes: list[str], who: str) -> None:
    odd = sorted({code for code in codes if not "200" <= code < "500"})
    if odd or not codes:
        raise LabError(
            f"{who} answered {', '.join(odd) or 'nothing'} where only 429 was to refuse", ExitCode.UNMEASURED
        )


def notify(lab: RunningLab, drawn: Drawn) -> None:
    """What make notify LIMIT=… AGAIN=1 does."""
    _notify(lab, drawn, "--again")


def planned(lab: RunningLab, drawn: Drawn) -> int:
    """In how many messages the tickets would go; raises LabError (exit code 2) if there are fewer tickets."""
    found = PLANNED.search(_notify(lab, drawn, "--again", "--dry-run"))
    told = [int(number.replace(",", "")) for number in found.groups()] if found else [0, 0]
    if told[0] != drawn.tickets:
        said = (
            f"the database holds {told[0]} tickets, and {drawn.tickets} are to be sent; make seed, make load"
        )
        raise LabError(said, ExitCode.USAGE)
    return told[1]


def _notify(lab: RunningLab, drawn: Drawn, *options: str) -> str:
    words = ("python", "manage.py", "notify_discord", "--limit", str(drawn.tickets), *options)
    return lab.run("app1", *words, patience=60)


def last_run(lab: RunningLab) -> Run:
    """What the channel has got since the lowest ticket last came."""
    there = json.loads(lab.run("discord", "curl", "-fsS", "-m", "5", "http://localhost/_lab/messages"))
    carrying = [one for one in there if one["tickets"]]
    if not carrying:
        return Run()
    lowest = min(number for one in carrying for number in one["tickets"])
    first = max(place for place, one in enumerate(carrying) if lowest in one["tickets"])
    return _summed(carrying[first:])


def _summed(messages: list[Mapping[str, Any]]) -> Run:
    times = [datetime.fromisoformat(one["received_at"]) for one in messages]
    tickets = {number for one in messages for number in one["tickets"]}
    return Run(len(tickets), len(messages), (times[-1] - times[0]).total_seconds())


def empty_channel(lab: RunningLab) -> None:
    """Forget what the stand-in got, and what the notifier knows of it."""
    lab.run("discord", "curl", "-fsS", "-m", "5", "-X", "DELETE", "http://localhost/_lab/messages")
    lab.run("app1", "python", "manage.py", "shell", "--verbosity", "0", "-c", FORGET)
