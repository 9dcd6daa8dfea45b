"""The order in which events are told, though the database may show them in another.

PostgreSQL gives a row its id when it is written, and shows it when its transaction commits. Of two
transactions at a time the later id may so be seen first, and who reads on from the highest id seen would
never see the other. So every id that is missing below one that was seen is looked for again: it belongs to a
transaction that is still open, or to one that was taken back. (SQLite has one writer at a time, and no gaps.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ticketing.live.events import Event

# Events behind a gap wait so long for it to fill, in seconds. Nearly every transaction is done by then, and
# so what a client gets is in the order of the ids, and its last id says all that it has.
PATIENCE = 2.0
# An id that is still missing is looked for so long, in seconds. When it comes, it is told out of order.
MEMORY = 30.0
# No more missing ids than this, the highest: what asks for them is one query.
MOST_MISSING = 500


@dataclass(frozen=True, slots=True)
class Told:
    """An event whose time to be told has come; `late` if later ids were told before it."""

    event: Event
    late: bool = False


class Timeline:
    """Takes events as they are seen, gives them as they are to be told."""

    def __init__(self, position: int, missing: Iterable[int] = (), now: float = 0.0) -> None:
        self.position = position  # every event up to this id was told, or is in `missing`
        self.seen = position
        self.missing = dict.fromkeys(missing, now)  # id -> when it was missed first
        self._held: dict[int, Event] = {}

    def see(self, events: Iterable[Event], now: float) -> list[Told]:
        """Take what a look at the database brought, in the order of the ids; return what is to be told now.

        `now` is in seconds of any clock that only goes forward.
        """
        late = [Told(event, late=True) for event in events if self._note(event, now)]
        self.missing = {gap: since for gap, since in self.missing.items() if now - since <= MEMORY}
        return late + [Told(event) for event in self._release(now)]

    def _note(self, event: Event, now: float) -> bool:
        """Whether the event is a late one; others are held until their turn."""
        if event.id > self.seen:
            self._miss(range(max(self.seen + 1, event.id - MOST_MISSING), event.id), now)
            self.seen = event.id
        elif self.missing.pop(event.id, None) is None:
            return False
        if event.id < self.position:
            return True
        self._held[event.id] = event
        return False

    def _miss(self, gaps: range, now: float) -> None:
        if gaps:
            known = [*self.missing.items(), *((gap, now) for gap in gaps)]
            self.missing = dict(known[-MOST_MISSING:])

    def _release(self, now: float) -> list[Event]:
        waits = (gap for gap, since in self.missing.items() if gap > self.position and now - since < PATIENCE)
        barrier = min(waits, default=self.seen + 1)
        ready = sorted(event_id for event_id in self._held if event_id < barrier)
        self.position = max([self.position, *ready])
        return [self._held.pop(event_id) for event_id in ready]
