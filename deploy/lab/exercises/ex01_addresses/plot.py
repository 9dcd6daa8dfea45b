"""What a student draws: a subnet to reckon with, two destinations, and where the stranger hides."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from lab.exercises.student import Draw
from lab.topology import Topology

BYTES = {"clients": 20, "lab": 10, "backend": 30}  # each zone's third byte, as pages write addresses
# Last bytes that neither the plan, the engine nor the load generators give away.
FREE = range(24, 63)
NARROW = 26  # the mask of the question what would be if the clients' network were a quarter of its size
# One range within client's quarter (.0 to .63), one outside of it.
NEAR = (*range(24, 63), *range(130, 169))


@dataclass(frozen=True)
class Plot:
    """subnet: an address with a mask, not of the lab. near, far: a last byte in the clients' zone, and a zone
    and a last byte elsewhere. zone, last: the stranger's."""

    subnet: ipaddress.IPv4Interface
    near: int
    far: tuple[str, int]
    zone: str
    last: int

    def address(self, plan: Topology) -> str:
        """The stranger's address."""
        return str(plan.zones[self.zone].subnet[self.last])

    def numbers(self) -> dict[str, str]:
        """What the page's commands name; addresses without the lab's prefix."""
        zone, last = self.far
        return {
            "SUBNET": str(self.subnet),
            "NEAR": f"{BYTES['clients']}.{self.near}",
            "FAR": f"{BYTES[zone]}.{last}",
        }


def draw(draw: Draw) -> Plot:
    """A student's own."""
    length = draw.whole(25, 29)
    block = 2 ** (32 - length)
    start = draw.whole(1, 256 // block - 1) * block
    host = draw.whole(2, block - 3)  # neither the network's own, nor the first or last, nor broadcast
    third = f"172.{draw.whole(16, 31)}.{draw.whole(0, 255)}"
    return Plot(
        subnet=ipaddress.IPv4Interface(f"{third}.{start + host}/{length}"),
        near=draw.one_of(NEAR),
        far=(draw.one_of(("lab", "backend")), draw.whole(130, 250)),
        zone=draw.one_of(tuple(BYTES)),
        last=draw.one_of(FREE),
    )
