"""The userspace engine's process: one for each impaired zone, started by link.userspace.

    python3 -m link.relay UP_DEVICE DOWN_DEVICE

Standard input brings a line of JSON for each change of the link (condition.to_json's form), and `null` when
the process is to deliver what is under way and end. It also ends, at once, when standard input does. Standard
output gives a line {"up": counters, "down": counters} after each change and every half second, which is the
supervisor's sign that the process is alive.

A sleeping process runs some 50 to 100 µs after what wakes it. The timer shows how late that is on this
machine just now (it is known when it was to go off), so the process has itself woken so much earlier, and
takes packets to have arrived so much earlier, than it would otherwise.
"""

from __future__ import annotations

import gc
import json
import os
import select
import sys
import time
from random import Random
from typing import Any

from link.condition import Condition, from_json
from link.lane import Lane
from link.timer import Timer
from link.tun import Tun, is_ipv4, wire_bytes, with_hop_restored

BATCH = 32  # packets read before those that are due go out: keeps a busy direction from holding up the other
REPORT_EVERY = 500_000_000  # ns
DRAIN = 1_000_000_000  # ns that packets under way get when the process is to end
LATEST = 120_000  # ns: a process that wakes later than that is not late but starved
CONTROL, REPORTS = 0, 1


class Direction:
    """A TUN device and the packets that wait behind it."""

    def __init__(self, device: str) -> None:
        self.tun = Tun(device)
        self.lateness = 0  # ns from a packet's arrival until this process runs
        self.lane = Lane(Random())  # noqa: S311  # packets, not secrets
        self.configure(None)

    def configure(self, condition: Condition | None) -> None:
        """Treat packets from now on this way."""
        wanted = condition or Condition()
        self.tun.split_offloaded(not wanted.only_delays)
        self.lane.configure(wanted)

    def receive(self) -> None:
        """Take in what has arrived."""
        read, admit, clock, late = self.tun.read, self.lane.admit, time.monotonic_ns, self.lateness
        for _ in range(BATCH):
            packet = read()
            if packet is None:
                return
            if is_ipv4(packet):
                admit(clock() - late, packet, wire_bytes(packet))

    def deliver(self) -> None:
        """Send on what is due."""
        for packet in self.lane.release(time.monotonic_ns()):
            self.tun.write(with_hop_restored(packet))


class Relay:
    """The event loop over both directions, the timer and the control channel."""

    def __init__(self, up_device: str, down_device: str) -> None:
        self.directions = {"up": Direction(up_device), "down": Direction(down_device)}
        self._timer = Timer()
        self._lateness = 0
        self._next_report = 0
        self._end: int | None = None
        self._control = b""

    def run(self) -> None:
        """Relay packets until told to end."""
        directions = list(self.directions.values())
        handlers = {direction.tun.descriptor: direction.receive for direction in directions}
        handlers |= {self._timer.descriptor: self._woken, CONTROL: self._obey}
        with select.epoll() as poll:
            for descriptor in handlers:
                poll.register(descriptor, select.EPOLLIN)
            while not self._finished():
                self._timer.set(self._next_event(directions))
                for descriptor, _ in poll.poll():
                    handlers[descriptor]()
                for direction in directions:
                    direction.deliver()
                self._report_if_due()

    def _woken(self) -> None:
        late = self._timer.acknowledge()
        if late is not None:
            self._lateness = min(LATEST, self._lateness + (late - self._lateness) // 8)
            for direction in self.directions.values():
                direction.lateness = self._lateness

    def _next_event(self, directions: list[Direction]) -> int:
        releases = (direction.lane.next_release for direction in directions)
        others = (self._next_report, self._end)
        return min(at for at in (*releases, *others) if at is not None) - self._lateness

    def _finished(self) -> bool:
        if self._end is None:
            return False
        empty = all(direction.lane.next_release is None for direction in self.directions.values())
        return empty or time.monotonic_ns() >= self._end

    def _obey(self) -> None:
        chunk = os.read(CONTROL, 65_536)
        if not chunk:
            sys.exit()
        *lines, self._control = (self._control + chunk).split(b"\n")
        for line in lines:
            self._change(json.loads(line))

    def _change(self, document: dict[str, Any] | None) -> None:
        if document is None:
            self._end = time.monotonic_ns() + DRAIN
        else:
            link = from_json(document)
            self.directions["up"].configure(link.up)
            self.directions["down"].configure(link.down)
            self._next_report = 0

    def _report_if_due(self) -> None:
        now = time.monotonic_ns()
        if now < self._next_report:
            return
        self._next_report = now + REPORT_EVERY
        counters = {name: direction.lane.snapshot() for name, direction in self.directions.items()}
        os.write(REPORTS, json.dumps(counters).encode() + b"\n")


if __name__ == "__main__":
    gc.disable()  # nothing here makes cycles, and a collection over thousands of packets takes milliseconds
    Relay(*sys.argv[1:3]).run()
