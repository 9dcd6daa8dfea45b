"""TUN devices: the kernel hands us whole IP packets, and takes back those that have waited long enough."""

from __future__ import annotations

import fcntl
import os
import struct

CLONE = "/dev/net/tun"
SET_INTERFACE = 0x400454CA  # TUNSETIFF
SET_OFFLOAD = 0x400454D0  # TUNSETOFFLOAD
MODE = 0x0001 | 0x1000 | 0x4000  # IFF_TUN | IFF_NO_PI | IFF_VNET_HDR
SEGMENTATION = 0x01 | 0x02  # TUN_F_CSUM | TUN_F_TSO4

HEADER = 10  # struct virtio_net_hdr: how a big packet is to be split, and which checksum is still to be made
ETHERNET = 14
LARGEST = HEADER + 65_536
VERSION, TTL, CHECKSUM = HEADER, HEADER + 8, HEADER + 10


class Tun:
    """A TUN device of this process: it and its routes vanish when the process ends."""

    def __init__(self, name: str) -> None:
        self.descriptor = os.open(CLONE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(self.descriptor, SET_INTERFACE, struct.pack("16sH22x", name.encode(), MODE))

    def split_offloaded(self, split: bool) -> None:
        """Whether the kernel splits offloaded packets (up to 64 KB of TCP) into those that go on a wire.

        Needed whenever packets count (loss, rate, …); for mere delay it would be work for nothing.
        """
        fcntl.ioctl(self.descriptor, SET_OFFLOAD, 0 if split else SEGMENTATION)

    def read(self) -> bytes | None:
        """The next packet, its virtio header in front; None when there is none."""
        try:
            return os.read(self.descriptor, LARGEST)
        except BlockingIOError:
            return None

    def write(self, packet: bytes) -> None:
        """Hand a packet, as `read` gave it, back to the kernel, which forwards it a second time."""
        os.write(self.descriptor, packet)


def is_ipv4(packet: bytes) -> bool:
    """Whether it is an IPv4 packet: the kernel also sends IPv6 router solicitations to any new device."""
    return packet[VERSION] >> 4 == 4


def wire_bytes(packet: bytes) -> int:
    """The packet's bytes on an Ethernet wire."""
    return len(packet) - HEADER + ETHERNET


def with_hop_restored(packet: bytes) -> bytes:
    """The packet with its TTL one higher and the header checksum to match (RFC 1624).

    The router forwards it into the TUN and on from it, but is one hop: traceroute must say so.
    """
    checksum = (packet[CHECKSUM] << 8 | packet[CHECKSUM + 1]) - 0x100
    if checksum < 0:
        checksum += 0xFFFF
    return b"%b%c%c%c%c%b" % (
        packet[:TTL],
        min(packet[TTL] + 1, 255),
        packet[TTL + 1],
        checksum >> 8,
        checksum & 0xFF,
        packet[CHECKSUM + 2 :],
    )
