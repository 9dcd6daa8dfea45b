"""Sends batches one after the other: at most once each, within the limits, with the records always true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import OperationalError

from ticketing.discord.answers import Answer, Outcome
from ticketing.discord.batching import Batch
from ticketing.discord.clock import Clock
from ticketing.discord.ratelimit import Pacer
from ticketing.discord.records import Records, State

TRIES = 7  # of one message at a server that does not answer: about a minute
LONGEST_BACKOFF = 30.0  # seconds
LONGEST_WAIT = 900.0  # seconds that a 429 may ask for
LOST_IN_A_ROW = 3  # answers; then something is wrong that would make everything unknown
TICK = 1.0  # seconds between two reports while waiting
NOTING_TRIES = 5  # at a database that is busy; each waits for the database's own timeout first

_PERHAPS_TAKEN = {Outcome.SENT, Outcome.UNKNOWN}
_STATES = {Outcome.SENT: State.SENT, Outcome.REJECTED: State.FAILED, Outcome.UNKNOWN: State.UNKNOWN}


class GivenUp(Exception):  # noqa: N818 - says what happened
    """No more can be sent for now; the text says why. What was sent before is on record."""


class Post(Protocol):
    """What the sender needs of a webhook."""

    def post(self, content: str, embeds: Sequence[str] = ()) -> Answer:
        """Post a message once and say what became of it."""
        ...


class Watcher(Protocol):
    """Is told how it goes."""

    def waiting(self, summary: Summary, seconds: float, left: float) -> None:
        """The next message goes in `seconds`; all will be done in about `left` seconds."""
        ...

    def settled(self, summary: Summary, batch: Batch, answer: Answer, left: float) -> None:
        """It is known what became of a batch."""
        ...


@dataclass
class Summary:
    """What a run has done so far. Times in seconds."""

    tickets: int = 0
    messages: int = 0
    failed: int = 0
    unknown: int = 0
    rate_limited: int = 0
    waited: float = 0.0
    elapsed: float = 0.0


class Sender:
    """Sends batches to a webhook."""

    def __init__(self, webhook: Post, records: Records, pacer: Pacer, clock: Clock, watcher: Watcher) -> None:
        self._webhook = webhook
        self._records = records
        self._pacer = pacer
        self._clock = clock
        self._watcher = watcher
        self._lost_in_a_row = 0
        self.summary = Summary()

    def run(self, batches: Sequence[Batch]) -> None:
        """Send `batches` in order, until all are settled or the clock is stopping.

        Raises GivenUp, or ClaimedElsewhere if another run is at the same tickets. `summary` is right in any
        case.
        """
        began = self._clock.monotonic()
        try:
            for place, batch in enumerate(batches):
                if not self._deliver(batch, len(batches) - place):
                    return
        finally:
            self.summary.elapsed = self._clock.monotonic() - began

    def attempt(self, batch: Batch, left: int = 0) -> Answer:
        """Post a batch once, now, and put on record what became of it; `left` more will follow it.

        Raises ClaimedElsewhere.
        """
        self._records.claim(batch)
        started = self._clock.monotonic()
        answer = self._webhook.post(batch.content, batch.embeds)
        now = self._clock.monotonic()
        if answer.outcome is Outcome.LIMITED:
            self.summary.rate_limited += 1
            self._pacer.refused(now, answer.limits)
        else:
            self._pacer.answered(started, now, answer.limits, taken=answer.outcome in _PERHAPS_TAKEN)
        if answer.outcome in _STATES:
            self._settle(batch, answer, left)
        else:
            self._note(lambda: self._records.release(batch))
        return answer

    def _deliver(self, batch: Batch, left: int) -> bool:
        """Try until it is settled what became of a batch; False if a stop was asked for before that."""
        failures = 0
        while self._wait(left):
            answer = self.attempt(batch, left - 1)
            if answer.outcome is Outcome.LIMITED:
                self._check_patience(answer)
            elif answer.outcome is Outcome.UNREACHED:
                failures += 1
                self._back_off(failures, answer)
            elif answer.outcome is Outcome.REFUSED:
                raise GivenUp(answer.reason)
            else:
                self._check_luck(answer)
                return True
        return False

    def _settle(self, batch: Batch, answer: Answer, left: int) -> None:
        state, count = _STATES[answer.outcome], len(batch.ticket_ids)
        self._note(lambda: self._records.settle(batch, state, answer.message_id))
        if state is State.SENT:
            self.summary.tickets += count
            self.summary.messages += 1
        elif state is State.UNKNOWN:
            self.summary.unknown += count
        else:
            self.summary.failed += count
        self._watcher.settled(self.summary, batch, answer, self._forecast(left))

    def _note(self, write: Callable[[], None]) -> None:
        """Put on record what an answer said: worth some patience, since what is not noted is unknown."""
        for _ in range(NOTING_TRIES - 1):
            try:
                return write()
            except OperationalError:
                self._clock.sleep(TICK)
        return write()

    def _check_luck(self, answer: Answer) -> None:
        self._lost_in_a_row = self._lost_in_a_row + 1 if answer.outcome is Outcome.UNKNOWN else 0
        if self._lost_in_a_row == LOST_IN_A_ROW:
            raise GivenUp(f"{LOST_IN_A_ROW} messages in a row got no usable answer ({answer.reason})")

    def _wait(self, left: int) -> bool:
        """Wait until the next message may go; False if a stop was asked for."""
        while not self._clock.stopping:
            before = self._clock.monotonic()
            seconds = self._pacer.delay(before)
            if seconds <= 0:
                return True
            self._watcher.waiting(self.summary, seconds, self._forecast(left))
            self._clock.sleep(min(seconds, TICK))
            self.summary.waited += self._clock.monotonic() - before
        return False

    def _forecast(self, left: int) -> float:
        return self._pacer.forecast(left, self._clock.monotonic())

    def _check_patience(self, answer: Answer) -> None:
        wait = answer.limits.retry_after or 0
        if wait > LONGEST_WAIT:
            raise GivenUp(f"Discord asks to wait {wait / 60:.0f} minutes (429)")

    def _back_off(self, failures: int, answer: Answer) -> None:
        if failures == TRIES:
            raise GivenUp(f"{answer.reason}, {TRIES} times in a row")
        self._pacer.pause(self._clock.monotonic() + min(2.0 ** (failures - 1), LONGEST_BACKOFF))
