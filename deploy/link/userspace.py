"""The engine for kernels without netem: a relay process for each impaired zone, replaced if it dies."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

from link import steering, tc
from link.commands import EngineError
from link.condition import Link
from link.engine import Report
from link.relay_process import RelayProcess
from link.tc import Command
from link.zone import Zone

PENDING = 10_000  # packets that a TUN device may hold while its relay is busy
ANSWER = 5.0  # seconds that a relay gets to say that it has taken a change in
CALM = 1.0  # seconds a relay must have lived to be replaced at once; else wait so long, lest we spin


class Userspace:
    """Keeps a relay for every impaired zone, and packets steered to it."""

    name = "userspace"

    def __init__(self, zones: Sequence[Zone], report: Report) -> None:
        self._zones = zones
        self._report = report
        self._links: dict[Zone, Link] = {}
        self._relays: dict[Zone, RelayProcess] = {}
        self._watches: dict[Zone, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()  # a change of the link and the replacing of a relay must not cross

    async def apply(self, zone: Zone, link: Link) -> None:
        """Start, change or end the zone's relay."""
        async with self._lock:
            await (self._change(zone, link) if link else self._remove(zone))

    async def _change(self, zone: Zone, link: Link) -> None:
        before = self._links.get(zone)
        self._links[zone] = link
        try:
            if zone in self._relays:
                self._relays[zone].tell(link)
            else:
                await self._start(zone)
            await self._steer()
            await self._settled(zone)
        except (EngineError, TimeoutError) as error:
            await self._undo(zone, before)
            raise EngineError(str(error) or "the userspace engine does not answer") from error

    def commands(self, zone: Zone, link: Link) -> list[Command]:
        """What one would run on a kernel that has netem."""
        return tc.setting(zone, link)

    async def counters(self, zone: Zone) -> dict[str, Any]:
        """The relay's counters, per direction."""
        return self._relays[zone].report if zone in self._relays else {}

    async def reset(self, zones: Sequence[Zone]) -> None:  # noqa: ARG002  # nftables and routes hold them all
        """End all relays and leave the router its own routing."""
        async with self._lock:
            for zone in list(self._links):
                await self._remove(zone)
            await self._steer()

    async def _start(self, zone: Zone) -> None:
        relay = await RelayProcess.start(zone)
        try:
            for direction in ("up", "down"):
                await steering.route(zone, zone.device(direction), direction, PENDING)
            relay.tell(self._links[zone])
        except EngineError:
            await relay.end()
            raise
        self._relays[zone] = relay
        self._watches[zone] = asyncio.create_task(self._watch(zone, relay))

    async def _steer(self) -> None:
        await steering.steer(steering.paths(self._links), self._zones)

    async def _settled(self, zone: Zone) -> None:
        """Wait until the relay has said that it has taken the change in."""
        relay = self._relays[zone]
        await asyncio.wait_for(relay.heard.wait(), ANSWER)
        if relay.process.returncode is not None:
            raise EngineError(f"the userspace engine {await relay.cause()}")

    async def _undo(self, zone: Zone, before: Link | None) -> None:
        if before is None:
            await self._remove(zone)
            return
        self._links[zone] = before
        if zone in self._relays:
            with contextlib.suppress(EngineError):
                self._relays[zone].tell(before)

    async def _remove(self, zone: Zone) -> None:
        self._links.pop(zone, None)
        await self._steer()
        watch = self._watches.pop(zone, None)
        if watch:
            watch.cancel()
        relay = self._relays.pop(zone, None)
        if relay:
            await relay.end()

    async def _watch(self, zone: Zone, relay: RelayProcess) -> None:
        """Replace the relay when it ends; its devices have gone with it, so packets take the kernel's way."""
        await relay.listen()
        died = time.monotonic()
        self._report(zone.name, f"the engine's process {await relay.cause()}; it is being replaced")
        if died - relay.born < CALM:
            await asyncio.sleep(CALM)
        while not await self._replaced(zone):
            await asyncio.sleep(CALM)
        self._report(zone.name, f"the condition is restored after {time.monotonic() - died:.2f} s")

    async def _replaced(self, zone: Zone) -> bool:
        async with self._lock:
            self._relays.pop(zone, None)
            try:
                await self._start(zone)
            except (EngineError, TimeoutError) as error:
                self._report(zone.name, f"the engine's process could not be replaced: {error}")
                return False
            return True
