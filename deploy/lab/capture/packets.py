"""A pcap stream, packet by packet: read, cut after the last header, and searched for secrets in clear."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

FILE_HEADER, RECORD_HEADER = 24, 16
ETHERNET, IPV4, ARP = 14, 0x0800, 0x0806
TCP, UDP, ICMP = 6, 17, 1
ICMP_QUOTE = 8 + 20 + 8  # an ICMP error quotes the IP header and 8 bytes: ports, no payload
# A TLS record of type handshake that begins with a ClientHello (1) or a ServerHello (2): RFC 8446, 4 and 5.1.
TLS_HELLO = re.compile(rb"\x16\x03[\x00-\x04]..[\x01\x02]", re.DOTALL)
SECRETS = (
    (re.compile(rb"^POST (/api/token/|/api/auth/login/|/admin/login/)"), "a log-in with its password"),
    (re.compile(rb"^POST /api(/v\d+)?/webhooks/"), "a webhook's secret address"),
    (re.compile(rb"\r\nauthorization:", re.IGNORECASE), "an access token (Authorization header)"),
    (re.compile(rb"\r\ncookie:[^\r]*sessionid=", re.IGNORECASE), "a session cookie"),
)


@dataclass(frozen=True)
class Packet:
    """A record of a pcap: `header` is its 16 bytes of times and lengths, `data` the bytes kept."""

    header: bytes
    data: bytes


def read(stream: BinaryIO) -> Iterator[Packet]:
    """The records of a little-endian pcap after its file header; a record cut off at the end is left out."""
    while len(header := stream.read(RECORD_HEADER)) == RECORD_HEADER:
        (kept,) = struct.unpack_from("<I", header, 8)
        data = stream.read(kept)
        if len(data) < kept:
            return
        yield Packet(header, data)


def headers_only(packet: Packet) -> Packet:
    """The packet without its payload, but for a TLS hello, which is sent for all to read anyway: it says
    which name and version. The original length stays on record.
    """
    headers = headers_length(packet.data)
    hello = _tcp(packet.data) and TLS_HELLO.match(packet.data, headers)
    data = packet.data if hello else packet.data[:headers]
    return Packet(packet.header[:8] + struct.pack("<I", len(data)) + packet.header[12:], data)


def headers_length(frame: bytes) -> int:
    """How many bytes of an Ethernet frame are headers; of an unknown protocol's only Ethernet's are."""
    if len(frame) < ETHERNET + 20:
        return ETHERNET
    kind = int.from_bytes(frame[12:14], "big")
    if kind == ARP:
        return len(frame)
    if kind != IPV4:
        return ETHERNET
    transport = ETHERNET + 4 * (frame[14] & 0x0F)
    fragment = int.from_bytes(frame[20:22], "big") & 0x1FFF
    return transport if fragment else transport + _transport_length(frame, frame[23], transport)


def _transport_length(frame: bytes, protocol: int, start: int) -> int:
    if protocol == TCP and len(frame) > start + 12:
        return 4 * (frame[start + 12] >> 4)
    return {UDP: 8, ICMP: ICMP_QUOTE if frame[start : start + 1] in (b"\x03", b"\x0b") else 8}.get(
        protocol, 0
    )


def _tcp(frame: bytes) -> bool:
    return frame[12:14] == b"\x08\x00" and frame[23:24] == bytes([TCP])


def secret(frame: bytes) -> str | None:
    """What secret the frame's TCP payload carries in clear, in words, with the two addresses."""
    payload = frame[headers_length(frame) :]
    if not _tcp(frame) or not payload:
        return None
    found = next((words for pattern, words in SECRETS if pattern.search(payload)), None)
    if found is None:
        return None
    source, target = (".".join(str(byte) for byte in frame[at : at + 4]) for at in (26, 30))
    return f"{found}, from {source} to {target}"
