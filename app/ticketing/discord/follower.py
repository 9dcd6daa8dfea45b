"""Sends new tickets as they come, for as long as it runs.

The policy is that of every sender here, at most once: a ticket is on record as `sending` before its message
leaves; if the answer is lost it becomes `unknown`, which is kept for a person and never sent again by itself.
What Discord rejects becomes `failed`, which the next run without --follow tries again.

It holds the webhook's lock only while a message is on its way, and waits for limits and after trouble
without it, so that a run over the whole backlog finds its place in between; while such a run holds the lock,
new tickets wait.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import OperationalError, close_old_connections

from ticketing.discord.answers import Answer, Outcome
from ticketing.discord.batching import Batch, batches
from ticketing.discord.clock import Clock
from ticketing.discord.formats import Format
from ticketing.discord.lock import AlreadyRunning
from ticketing.discord.outbox import Outbox
from ticketing.discord.ratelimit import Pacer
from ticketing.discord.records import ClaimedElsewhere, Records
from ticketing.discord.sender import Sender
from ticketing.discord.wording import duration

POLL = 1.0  # seconds between two looks at an empty outbox
MOST = 200  # tickets that are looked at for one message; not even 200 without any text would fit
# Seconds to wait after trouble, at most: trouble that passes by itself, and trouble that somebody must mend.
PASSING, LASTING = 30.0, 900.0

_TROUBLE = {Outcome.UNREACHED: PASSING, Outcome.UNKNOWN: LASTING, Outcome.REFUSED: LASTING}

Lock = Callable[[], AbstractContextManager[None]]


class Follower:
    """Empties a webhook's outbox, again and again."""

    def __init__(
        self,
        outbox: Outbox,
        records: Records,
        sender: Sender,
        pacer: Pacer,
        clock: Clock,
        *,
        form: Format,
        lock: Lock,
        say: Callable[[str], object],
    ) -> None:
        """`lock` is the webhook's, taken at once or not; `say` tells people one sentence."""
        self._outbox, self._records, self._sender = outbox, records, sender
        self._pacer, self._clock, self._form = pacer, clock, form
        self._lock, self._say = lock, say
        self._troubles = 0
        self._told_to_wait = False

    def run(self) -> None:
        """Send what is filed until the clock is stopping; whatever the trouble, it says so and goes on."""
        while not self._clock.stopping:
            try:
                pause = self._step()
            except OperationalError as error:
                close_old_connections()
                pause = self._trouble(f"The database gave up ({error})", PASSING)
            except (AlreadyRunning, ClaimedElsewhere):
                pause = self._give_way()
            self._clock.sleep(pause)

    def _step(self) -> float:
        """Send one message if one is due; return the seconds until the next look."""
        if self._outbox.is_empty():
            return POLL
        if (due_in := self._pacer.delay(self._clock.monotonic())) > 0:
            return due_in  # meanwhile others may be filed, and go in the same message
        with self._lock():
            self._told_to_wait = False
            self._records.settle_abandoned()
            # Read again with the lock held: another run may just have sent some.
            batch = self._next()
            self._pacer.also_sent(self._records.recent_sends(), self._clock.monotonic())
            if batch is None:
                return POLL
            if self._pacer.delay(self._clock.monotonic()) > 0:
                return 0.0
            answer = self._sender.attempt(batch)
        return self._after(answer)

    def _next(self) -> Batch | None:
        number = self._records.messages() + 1
        return next(batches(self._outbox.pending(MOST), self._form, number), None)

    def _after(self, answer: Answer) -> float:
        longest = _TROUBLE.get(answer.outcome)
        if longest is not None:
            return self._trouble(answer.reason, longest)
        self._troubles = 0
        return 0.0  # a 429 is the pacer's to wait for

    def _trouble(self, what: str, longest: float) -> float:
        pause = min(2.0 ** min(self._troubles, 10), longest)
        self._troubles += 1
        self._say(f"{what[:1].upper()}{what[1:]}; nothing is sent for {duration(pause)}.")
        return pause

    def _give_way(self) -> float:
        if not self._told_to_wait:
            self._say("Another notify_discord is sending to this webhook; new tickets wait until it is done.")
        self._told_to_wait = True
        return POLL
