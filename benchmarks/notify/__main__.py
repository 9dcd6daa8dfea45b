"""Let notify_discord post to the stand-in in both formats, print a table, exit 1 if a promise is not kept.

Theory: N messages, of which the webhook's limit lets w go in W seconds and the channel's c in C seconds. The
budget of a window comes back at once when it closes. So the last message can go, after the first one, when
all whole windows of the channel before it are over, and in its own window those of the webhook:

    T(N) = floor((N - 1) / c) * C + floor(((N - 1) mod c) / w) * W

(the channel's w/W being the slower one, as at Discord). Measured is the time between the first message and
the last, by the stand-in's own ledger, for the real command as a process of its own. The time that this
process takes from its start to its end is shown beside it; Django's start is a second that no limit asks for.

The limits are Discord's, 5 in 2 s and 30 in 60 s, with every period a fifth of that, so that it takes two
minutes. What does not shrink with them (a whole-second Retry-After, jitter, round trips) so weighs five times
as much as it would in front of Discord: the bound is harder to keep here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.report import Result, tell
from benchmarks.site import free_ports
from discord_sim.bucket import Limit
from lab.dev.supervisor import Supervisor
from lab.errors import ExitCode
from tests.edge.notifier import Scene

WEBHOOK, CHANNEL = Limit(5, 0.4), Limit(30, 12)
# Tickets that make about as many messages in either format, four windows of the channel.
TICKETS = {"guide": 1_300, "compact": 8_000}
SEEDED = 1_300
SLOWER = 1.05
COLUMNS = ("tickets", "messages", "limits allow", "took", "ratio", "429s", "process")


@dataclass(frozen=True)
class Run:
    """What one run took, in seconds."""

    form: str
    tickets: int
    messages: int
    sending: float
    process: float
    refusals: int
    late_refusals: int  # after the channel's first window
    complete: bool  # every ticket arrived, once and in order

    @property
    def theory(self) -> float:
        """The least that the limits allow; see the module."""
        rounds, rest = divmod(self.messages - 1, CHANNEL.requests)
        return rounds * CHANNEL.period + rest // WEBHOOK.requests * WEBHOOK.period


def measure(form: str) -> Run:
    """Post so many tickets in a format to a stand-in that knows nothing yet."""
    with tempfile.TemporaryDirectory() as here, Supervisor() as supervisor:
        scene = Scene.set(supervisor, Path(here), free_ports(1)[0], str(WEBHOOK), str(CHANNEL))
        load(scene, Path(here), TICKETS[form])
        began = time.monotonic()
        scene.manage("notify_discord", "--format", form)
        return read(scene, form, time.monotonic() - began)


def read(scene: Scene, form: str, process: float) -> Run:
    """Read the stand-in's books."""
    times = [datetime.fromisoformat(message["received_at"]) for message in scene.ask("/_lab/messages")]
    refused = [datetime.fromisoformat(one["at"]) for one in scene.ask("/_lab/stats")["rate_limits_given"]]
    first_window = times[0] + timedelta(seconds=CHANNEL.period)
    return Run(
        form,
        TICKETS[form],
        len(times),
        (times[-1] - times[0]).total_seconds(),
        process,
        len(refused),
        sum(at > first_window for at in refused),
        scene.received() == list(range(1, TICKETS[form] + 1)),
    )


def load(scene: Scene, here: Path, count: int) -> None:
    """Fill the database with made-up tickets, whose ids begin with 1."""
    file = str(here / "tickets.json")
    scene.manage("generate_tickets", "--count", str(count), "--seed", "10", "--output", file)
    scene.manage("load_tickets", file)


def messages_needed(form: str) -> int:
    """How many messages the 1,300 seeded tickets make, by the command's own plan."""
    with tempfile.TemporaryDirectory() as here, Supervisor() as supervisor:
        scene = Scene.set(supervisor, Path(here), free_ports(1)[0])
        load(scene, Path(here), SEEDED)
        plan = scene.manage("notify_discord", "--dry-run", "--format", form)
        return int(plan.split(" messages")[0].split()[-1].replace(",", ""))


def judge(run: Run) -> Result:
    """As fast as promised, refused no more once the limits were known, and each ticket once."""
    seen = (
        f"{run.tickets:,}" if run.complete else f"{run.tickets:,}, NOT EACH ONCE AND IN ORDER",
        str(run.messages),
        f"{run.theory:.1f} s",
        f"{run.sending:.2f} s",
        f"{run.sending / run.theory:.3f}",
        f"{run.refusals}, {run.late_refusals} late",
        f"{run.process:.2f} s",
    )
    kept = run.complete and run.sending <= SLOWER * run.theory and not run.late_refusals
    return Result(f"format {run.form}", seen, f"≤ {SLOWER}, none late", kept)


def fewer() -> Iterator[Result]:
    """How many messages the compact format saves."""
    guide, compact = (messages_needed(form) for form in TICKETS)
    seen = str(guide), str(compact), f"{compact / guide:.3f}"
    yield Result(f"{SEEDED:,} seeded tickets", seen, "≤ 0.333", 3 * compact <= guide)


def main() -> ExitCode:
    """Measure, tell, and return the exit code."""
    sent = tell("As fast as the limits allow", COLUMNS, (judge(measure(form)) for form in TICKETS))
    saved = tell("Messages needed", ("guide", "compact", "ratio"), fewer())
    return max(sent, saved)


if __name__ == "__main__":
    sys.exit(main())
