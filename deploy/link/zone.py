"""The router's zones: which interface each is on, and the names and numbers its link uses."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass

from link.commands import EngineError, run


@dataclass(frozen=True)
class Zone:
    """A zone as the router sees it. `slot` (0 to 99) tells zones apart in marks and routing tables.

    `outside` is the zone towards which the router masquerades, and by which it reaches all other addresses.
    """

    name: str
    subnet: str
    interface: str
    slot: int
    outside: bool = False

    def device(self, direction: str) -> str:
        """The TUN device of a direction."""
        return f"lk-{self.name}-{'up' if direction == 'up' else 'dn'}"

    @property
    def ifb(self) -> str:
        """The device through which the kernel's engine turns arriving packets into leaving ones."""
        return f"ifb-{self.name}"

    def table(self, direction: str) -> int:
        """The routing table of a direction's TUN device, and the mark of packets that go there."""
        return (100 if direction == "up" else 200) + self.slot


async def discover(pairs: Sequence[str], outside: str) -> dict[str, Zone]:
    """Zones from NAME=FIRST.THREE.BYTES pairs (ROUTER_ZONES): the router has .253 on each zone's /24."""
    listing = json.loads(await run(["ip", "-json", "-4", "address", "show"]))
    interface_of = {
        address["local"]: interface["ifname"] for interface in listing for address in interface["addr_info"]
    }
    zones = {}
    for slot, pair in enumerate(pairs):
        name, _, network = pair.partition("=")
        if f"{network}.253" not in interface_of:
            raise EngineError(f"no interface has {network}.253, so zone {name} is not there")
        subnet = str(ipaddress.ip_network(f"{network}.0/24"))
        zones[name] = Zone(name, subnet, interface_of[f"{network}.253"], slot, name == outside)
    return zones
