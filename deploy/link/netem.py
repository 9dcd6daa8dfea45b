"""The kernel's engine: netem on the zone's interface for `down`, on an ifb device for `up`.

Unlike the userspace engine it also delays what the router itself sends and receives, and it treats an
offloaded packet (up to 64 KB of TCP between two hosts on one machine) as one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from link import tc
from link.commands import EngineError, run, succeeds
from link.condition import Link
from link.tc import Command
from link.zone import Zone

PROBE = "lk-probe"


async def refusal() -> str | None:
    """Why this kernel cannot do it, or None if it can. Tries it on a device made for that."""
    try:
        await run(["ip", "link", "add", PROBE, "type", "ifb"])
        await run(["tc", "qdisc", "add", "dev", PROBE, "root", "netem", "delay", "1ms"])
        await run(["tc", "qdisc", "add", "dev", PROBE, "handle", "ffff:", "ingress"])
        await run(tc.redirection(PROBE, PROBE, "u32"))
    except EngineError as error:
        return str(error)
    finally:
        await succeeds(["ip", "link", "del", PROBE])
    return None


class Netem:
    """Sets qdiscs; the kernel does the rest, and no process of ours can die."""

    name = "netem"

    def __init__(self) -> None:
        self._classifier = "matchall"

    async def apply(self, zone: Zone, link: Link) -> None:
        """Replace whatever the interface has by the link's qdiscs."""
        await self._remove(zone)
        try:
            await self._set(zone, link)
        except EngineError:
            await self._remove(zone)
            raise

    def commands(self, zone: Zone, link: Link) -> list[Command]:
        """The tc commands that were run."""
        return tc.setting(zone, link, self._classifier)

    async def counters(self, zone: Zone) -> dict[str, Any]:
        """tc's own statistics of the netem qdiscs."""
        found: dict[str, Any] = {}
        for direction, device in (("up", zone.ifb), ("down", zone.interface)):
            if await succeeds(["ip", "link", "show", "dev", device]):
                listing = json.loads(await run(["tc", "-json", "-s", "qdisc", "show", "dev", device]))
                found[direction] = next((qdisc for qdisc in listing if qdisc["kind"] == "netem"), {})
        return found

    async def reset(self, zones: Sequence[Zone]) -> None:
        """Remove our qdiscs and ifb devices."""
        for zone in zones:
            await self._remove(zone)

    async def _set(self, zone: Zone, link: Link) -> None:
        for command in tc.setting(zone, link, self._classifier):
            if "matchall" in command:
                await self._redirect(zone, command)
            else:
                await run(command)

    async def _redirect(self, zone: Zone, command: Command) -> None:
        if not await succeeds(command):
            await run(tc.redirection(zone.interface, zone.ifb, "u32"))
            self._classifier = "u32"

    async def _remove(self, zone: Zone) -> None:
        for command in tc.clearing(zone):
            await succeeds(command)
