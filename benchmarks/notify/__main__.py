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
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from discord_sim.bucket import Limit
from lab.dev.supervisor import Supervisor
from tests.edge.conftest import free_ports
from tests.edge.notifier import Scene

WEBHOOK, CHANNEL = Limit(5, 0.4), Limit(30, 12)
# Tickets that make about as many messages in either format, four windows of the channel.
TICKETS = {"guide": 1_300, "compact": 8_000}
SEEDED = 1_300
SLOWER = 1.05

console = Console(highlight=False, width=130)


@dataclass(frozen=True)
class Result:
    """What one run took, in seconds."""

    form: str
    tickets: int
    messages: int
    sending: float
    process: float
    refusals: int
    late_refusals: int  # after the channel's first window

    @property
    def theory(self) -> float:
        """The least that the limits allow; see the module."""
        rounds, rest = divmod(self.messages - 1, CHANNEL.requests)
        return rounds * CHANNEL.period + rest // WEBHOOK.requests * WEBHOOK.period

    @property
    def kept(self) -> bool:
        """Whether it was as fast as promised, and refused no more once the limits were known."""
        return self.sending <= SLOWER * self.theory and not self.late_refusals


def measure(form: str) -> Result:
    """Post so many tickets in a format, each exactly once, to a stand-in that knows nothing yet."""
    with tempfile.TemporaryDirectory() as here, Supervisor() as supervisor:
        scene = Scene.set(supervisor, Path(here), free_ports(1)[0], str(WEBHOOK), str(CHANNEL))
        load(scene, Path(here), TICKETS[form])
        began = time.monotonic()
        scene.manage("notify_discord", "--format", form)
        process = time.monotonic() - began
        if scene.received() != list(range(1, TICKETS[form] + 1)):
            raise SystemExit(f"format {form}: not every ticket arrived once and in order")
        return result(scene, form, process)


def result(scene: Scene, form: str, process: float) -> Result:
    """Read the stand-in's books."""
    times = [datetime.fromisoformat(message["received_at"]) for message in scene.ask("/_lab/messages")]
    refused = [datetime.fromisoformat(one["at"]) for one in scene.ask("/_lab/stats")["rate_limits_given"]]
    first_window = times[0] + timedelta(seconds=CHANNEL.period)
    return Result(
        form,
        TICKETS[form],
        len(times),
        (times[-1] - times[0]).total_seconds(),
        process,
        len(refused),
        sum(at > first_window for at in refused),
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


def table(results: list[Result]) -> Table:
    """One line a run."""
    made = Table(
        "format", "tickets", "messages", "limits allow", "took", "ratio", "bound", "429s", "process", ""
    )
    for run in results:
        made.add_row(
            run.form,
            f"{run.tickets:,}",
            str(run.messages),
            f"{run.theory:.1f} s",
            f"{run.sending:.2f} s",
            f"{run.sending / run.theory:.3f}",
            f"≤ {SLOWER}",
            f"{run.refusals}, {run.late_refusals} late",
            f"{run.process:.2f} s",
            "kept" if run.kept else "NOT KEPT",
        )
    return made


def main() -> int:
    """Measure, tell, and return the exit code."""
    results = [measure(form) for form in TICKETS]
    guide, compact = (messages_needed(form) for form in TICKETS)
    console.print(table(results))
    fewer = 3 * compact <= guide
    console.print(
        f"{SEEDED:,} seeded tickets: {compact} messages in the compact format, {guide} in the guide's, ratio "
        f"{compact / guide:.3f}, bound ≤ 0.333: {'kept' if fewer else 'NOT KEPT'}"
    )
    return 0 if fewer and all(run.kept for run in results) else 1


if __name__ == "__main__":
    sys.exit(main())
