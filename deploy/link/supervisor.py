"""The supervisor: keeps every zone's link as desired, whatever dies, and knows what has happened."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from link.commands import EngineError
from link.condition import Link, to_json
from link.desired import Desired
from link.engine import Engine
from link.zone import Zone

REMEMBERED = 20


@dataclass
class Journal:
    """What happened to the links, newest last."""

    entries: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def report(self, zone: str, what: str) -> None:
        """Note an event; the time is UTC, to the millisecond."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.entries.append({"at": at, "zone": zone, "what": what})
        print(f"link: {zone}: {what}", flush=True)


class Supervisor:
    """Takes wishes and has the engine fulfil them; after an EngineError the old link is still there."""

    def __init__(
        self, engine: Engine, reason: str, zones: Mapping[str, Zone], desired: Desired, journal: Journal
    ) -> None:
        self._engine = engine
        self._reason = reason
        self._zones = zones
        self._desired = desired
        self._journal = journal
        self._changing = asyncio.Lock()
        self._wake = asyncio.Event()

    async def restore(self) -> None:
        """Fulfil the wishes that an earlier supervisor left."""
        self._desired.load()
        self._desired.expire(time.monotonic())
        for zone in self._desired.zones():
            await self._fulfil(zone)
            self._journal.report(zone, "the supervisor is new; the condition is restored")

    async def keep_time(self) -> None:
        """Revert conditions when their time is over, for ever."""
        while True:
            due = self._desired.next_expiry()
            try:
                await asyncio.wait_for(
                    self._wake.wait(), None if due is None else max(0.0, due - time.monotonic())
                )
                self._wake.clear()
            except TimeoutError:
                await self._revert()

    async def set(self, zone: str, link: Link, seconds: float | None) -> None:
        """Change a zone's link, for good or for so many seconds."""
        async with self._changing:
            before = self._desired.wish(self._known(zone))
            self._desired.set(zone, link, time.monotonic(), seconds)
            try:
                await self._fulfil(zone)
            except EngineError:
                self._desired.restore(zone, before)
                await self._put_back(zone)
                raise
            self._wake.set()

    async def end_in(self, zone: str, seconds: float) -> None:
        """Let a temporary condition last so many seconds from now; one that has ended already stays ended."""
        async with self._changing:
            self._desired.end_in(self._known(zone), time.monotonic(), seconds)
            self._wake.set()

    async def show(self) -> dict[str, Any]:
        """The engine, and each zone's link as JSON values (condition.to_json's form)."""
        now = time.monotonic()
        return {
            "engine": self._engine.name,
            "reason": self._reason,
            "journal": list(self._journal.entries),
            "zones": {
                name: {
                    "interface": zone.interface,
                    "link": to_json(self._desired.link(name)),
                    "seconds_left": self._desired.seconds_left(name, now),
                    "commands": self._engine.commands(zone, self._desired.link(name)),
                    "counters": await self._engine.counters(zone),
                }
                for name, zone in self._zones.items()
            },
        }

    async def close(self) -> None:
        """Leave the router without links; the wishes stay on file for the next supervisor."""
        await self._engine.reset(list(self._zones.values()))

    def _known(self, zone: str) -> str:
        if zone not in self._zones:
            raise EngineError(f"there is no zone '{zone}'; the zones are {', '.join(self._zones)}")
        return zone

    async def _fulfil(self, zone: str) -> None:
        await self._engine.apply(self._zones[zone], self._desired.link(zone))

    async def _put_back(self, zone: str) -> None:
        """Give a zone its old condition again after a new one that could not be had."""
        try:
            await self._fulfil(zone)
        except EngineError as error:
            self._journal.report(zone, f"a change failed; the old condition could not be put back: {error}")

    async def _revert(self) -> None:
        async with self._changing:
            for zone in self._desired.expire(time.monotonic()):
                try:
                    await self._fulfil(zone)
                except EngineError as error:
                    self._journal.report(zone, f"its time is over, but it could not be reverted: {error}")
                else:
                    self._journal.report(zone, "its time is over; the condition is reverted")
