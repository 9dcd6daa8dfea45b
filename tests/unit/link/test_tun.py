"""The router's hop given back: TTL and checksum of an IPv4 header."""

from __future__ import annotations

import struct

import pytest

from link.tun import ETHERNET, HEADER, is_ipv4, wire_bytes, with_hop_restored


def checksum(header: bytes) -> int:
    """RFC 791: the ones' complement of the ones' complement sum."""
    total: int = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(ttl: int, identification: int) -> bytes:
    header = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 84, identification, 0, ttl, 1, 0, bytes(4), b"\x0a\x0a\x0a\x01"
    )
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return bytes(HEADER) + header + b"payload"


@pytest.mark.parametrize("ttl", [1, 63, 254])
def test_ttl_is_one_higher_and_the_checksum_right(ttl: int) -> None:
    for identification in range(0, 0x10000, 97):
        changed = with_hop_restored(packet(ttl, identification))
        header = changed[HEADER : HEADER + 20]
        assert header[8] == ttl + 1
        assert checksum(header) == 0
        assert changed[HEADER + 20 :] == b"payload"


def test_only_ipv4_is_relayed_and_counted_with_its_ethernet_header() -> None:
    assert is_ipv4(packet(64, 1))
    assert not is_ipv4(bytes(HEADER) + b"\x60" + bytes(39))
    assert wire_bytes(packet(64, 1)) == 27 + ETHERNET
