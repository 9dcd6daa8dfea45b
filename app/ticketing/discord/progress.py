"""Shows how the sending goes: one line that changes on a terminal, now and then a line anywhere else."""

from __future__ import annotations

from collections.abc import Callable

from ticketing.discord.answers import Answer, Outcome
from ticketing.discord.batching import Batch
from ticketing.discord.clock import Clock
from ticketing.discord.sender import Summary
from ticketing.discord.wording import duration

QUIET = 10.0  # seconds between two lines, where lines stay
CLEAR_LINE = "\r\x1b[K"


class Progress:
    """Tells people of a run; a `Watcher` for the sender."""

    def __init__(
        self, write: Callable[[str], object], clock: Clock, messages: int, tickets: int, *, terminal: bool
    ) -> None:
        """`write` puts text out as it is; `terminal` says whether a line can be written over."""
        self._write = write
        self._clock = clock
        self._messages = messages
        self._tickets = tickets
        self._terminal = terminal
        self._last = float("-inf")

    def waiting(self, summary: Summary, seconds: float, left: float) -> None:
        """Show the standing, and when the next message goes."""
        self._show(summary, f"about {duration(left)} left, next in {duration(seconds)}")

    def settled(self, summary: Summary, batch: Batch, answer: Answer, left: float) -> None:
        """Show the standing and, on a line that stays, a batch that did not go well."""
        if answer.outcome is not Outcome.SENT:
            self._write(f"{CLEAR_LINE if self._terminal else ''}{mishap(batch, answer)}\n")
        self._show(summary, f"about {duration(left)} left")

    def close(self) -> None:
        """Take the changing line away."""
        if self._terminal:
            self._write(CLEAR_LINE)

    def _show(self, summary: Summary, rest: str) -> None:
        line = (
            f"{summary.messages} of {self._messages} messages, "
            f"{summary.tickets:,} of {self._tickets:,} tickets sent; {rest}"
        )
        now = self._clock.monotonic()
        if self._terminal:
            self._write(CLEAR_LINE + line)
        elif now - self._last >= QUIET:
            self._last = now
            self._write(line + "\n")


class Journal:
    """Tells of an endless run, one line for each message, with its time; a `Watcher` for the sender."""

    def __init__(self, write: Callable[[str], object], clock: Clock) -> None:
        """`write` puts text out as it is."""
        self._write = write
        self._clock = clock

    def say(self, sentence: str) -> None:
        """Write a line."""
        self._write(f"{self._clock.now():%Y-%m-%d %H:%M:%S} {sentence}\n")

    def waiting(self, summary: Summary, seconds: float, left: float) -> None:
        """Nothing: a log needs no line for every wait."""

    def settled(self, summary: Summary, batch: Batch, answer: Answer, left: float) -> None:  # noqa: ARG002
        """Say which tickets a message had, and how it went."""
        went_well = answer.outcome is Outcome.SENT
        numbers = ", ".join(map(str, batch.ticket_ids))
        self.say(f"Sent batch {batch.number}: ticket {numbers}." if went_well else mishap(batch, answer))


def mishap(batch: Batch, answer: Answer) -> str:
    """Say which tickets were not sent, or perhaps not, and why."""
    tickets = f"tickets {batch.ticket_ids[0]} to {batch.ticket_ids[-1]}"
    return f"Batch {batch.number} ({tickets}) was {answer.outcome.value}: {answer.reason}."
