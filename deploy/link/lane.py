"""One direction of a link: a queue of release times. Pure; the caller brings clock and packets."""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from link.condition import Condition
from link.random_processes import delays, losses

MAX_WAITING = 64 * 2**20  # bytes: what a direction may keep in memory, 0.3 s at 1.7 Gbit/s


@dataclass
class Counters:
    """Packets since the lane was made."""

    received: int = 0
    delivered: int = 0
    lost: int = 0  # by the loss that was asked for
    queue_full: int = 0  # because too many waited for the rate
    duplicated: int = 0
    reordered: int = 0
    waiting: int = 0


class Lane:
    """Packets on their way. Times are nanoseconds of one monotonic clock.

    The order is netem's: loss, duplication, rate, then delay. With a rate packets keep their order whatever
    the jitter; without one each packet's delay is its own and packets may overtake, as in netem.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._heap: list[tuple[int, int, bytes]] = []
        self._departures: deque[int] = deque()  # when each packet in the rate's queue will have left it
        self._free_at = 0  # when the transmitter is next idle
        self._last_release = 0
        self._bytes = 0
        self._sequence = 0
        self.counters = Counters()
        self.configure(Condition())

    def configure(self, condition: Condition) -> None:
        """Treat packets this way from now on; those under way keep their release times."""
        self._condition = condition
        self._delay = delays(condition, self._random)
        self._is_lost = losses(condition, self._random)
        self._per_byte = 8e9 / condition.rate if condition.rate else 0.0
        self._queue = condition.queue
        self._free_at = 0
        self._departures.clear()

    @property
    def next_release(self) -> int | None:
        """When the next packet is due, or None when none waits."""
        return self._heap[0][0] if self._heap else None

    def admit(self, now: int, packet: bytes, size: int) -> None:
        """Take a packet that arrived `now`; `size` is its bytes on the wire, Ethernet's header counted."""
        self.counters.received += 1
        if self._is_lost():
            self.counters.lost += 1
            return
        self._enqueue(now, packet, size)
        if self._condition.duplicate and self._random.random() < self._condition.duplicate:
            self.counters.duplicated += 1
            self._enqueue(now, packet, size)

    def release(self, now: int) -> list[bytes]:
        """The packets that are due, in the order of their release times."""
        heap, due = self._heap, []
        while heap and heap[0][0] <= now:
            due.append(heappop(heap)[2])
        self.counters.delivered += len(due)
        self._bytes -= sum(map(len, due))
        return due

    def snapshot(self) -> dict[str, int]:
        """The counters as they are now."""
        return {**dataclasses.asdict(self.counters), "waiting": len(self._heap)}

    def _enqueue(self, now: int, packet: bytes, size: int) -> None:
        sent = self._transmitted(now, size) if self._per_byte else now
        if sent is None or self._bytes + len(packet) > MAX_WAITING:
            self.counters.queue_full += 1
            return
        self._sequence += 1
        self._bytes += len(packet)
        heappush(self._heap, (self._release_time(sent), self._sequence, packet))

    def _transmitted(self, now: int, size: int) -> int | None:
        """When the packet's last bit is on the wire, or None when the queue is full."""
        departures = self._departures
        while departures and departures[0] <= now:
            departures.popleft()
        if len(departures) >= self._queue:
            return None
        self._free_at = max(now, self._free_at) + round(size * self._per_byte)
        departures.append(self._free_at)
        return self._free_at

    def _release_time(self, sent: int) -> int:
        if self._condition.reorder and self._random.random() < self._condition.reorder:
            self.counters.reordered += 1
            return sent
        release = sent + self._delay()
        if self._per_byte:
            release = self._last_release = max(release, self._last_release)
        return release
