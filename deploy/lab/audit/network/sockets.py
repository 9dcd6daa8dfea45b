"""Who listens where, as the kernel tells it in /proc/net (proc_net(5)): every port, without a packet sent."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

FILES = {"tcp": ("tcp", "tcp6"), "udp": ("udp", "udp6")}
WAITING = {"tcp": "0A", "udp": "07"}  # a TCP socket that listens, a UDP socket that is not connected


@dataclass(frozen=True)
class Socket:
    """A socket that takes what comes to it."""

    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    port: int

    @property
    def on_loopback(self) -> bool:
        """Whether only its own host reaches it."""
        return self.address.is_loopback

    @property
    def words(self) -> str:
        """Address and port as they are written, every address as a star."""
        if self.address.is_unspecified:
            return f"*:{self.port}"
        return f"[{self.address}]:{self.port}" if self.address.version == 6 else f"{self.address}:{self.port}"


def listening(table: str, protocol: str) -> Iterator[Socket]:
    """The sockets that wait, from the text of one or more of the kernel's tables of a protocol."""
    for line in table.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[3] == WAITING[protocol]:
            address, _, port = fields[1].partition(":")
            yield Socket(_address(address), int(port, 16))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address: words of four bytes in the machine's order (little-endian wherever the lab runs)."""
    packed = b"".join(bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8))
    if len(packed) == 4:
        return ipaddress.IPv4Address(packed)
    address = ipaddress.IPv6Address(packed)
    return address.ipv4_mapped or address
