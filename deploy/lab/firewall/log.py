"""What the router drops, live: the packets that router.nft logs to nflog group 1, told in words.

Formats: pcap (libpcap's savefile) and LINKTYPE_NFLOG (family, version, resource, then type-length-value
fields in the host's byte order, padded to four bytes), both as tcpdump.org describes them.
"""

from __future__ import annotations

import datetime
import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from lab.errors import ExitCode, LabError

LINKTYPE_NFLOG = 239
PAYLOAD, PREFIX = 9, 10  # types of the fields that matter here
# -Z root: tcpdump would else change its user, which the container forbids. The shell ends tcpdump when its
# standard input does, that is with whoever reads the log: the engine leaves a command running otherwise.
CAPTURE = ("sh", "-c", "tcpdump -Z root -U -w - -i nflog:1 & cat >/dev/null; kill $!")
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}


@dataclass(frozen=True)
class Entry:
    """One logged packet: when, why the router turned it away, and the packet itself."""

    at: datetime.datetime
    reason: str
    protocol: str
    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S.%f}  {self.reason:<20}  {self.protocol:<4}  {self.source} → {self.target}"


def entries(stream: IO[bytes]) -> Iterator[Entry]:
    """The packets of a pcap stream as they come; raises LabError (exit code 3) if it is no NFLOG capture."""
    header = stream.read(24)
    if not header:
        return
    if len(header) < 24 or struct.unpack("<I", header[20:])[0] != LINKTYPE_NFLOG:
        raise LabError("the router's tcpdump gave no NFLOG capture", ExitCode.UNMEASURED)
    while len(record := stream.read(16)) == 16:
        seconds, micros, length, _ = struct.unpack("<IIII", record)
        fields = _fields(stream.read(length))
        packet = fields.get(PAYLOAD, b"")
        if len(packet) >= 20 and packet[0] >> 4 == 4:
            at = datetime.datetime.fromtimestamp(seconds, datetime.UTC) + datetime.timedelta(
                microseconds=micros
            )
            yield _entry(at, fields.get(PREFIX, b"").rstrip(b"\0").decode("ascii", "replace"), packet)


def why_it_ended(said: str) -> str:
    """What tcpdump's last words mean, with the mend where one is known."""
    lines = [line.removeprefix("tcpdump: ") for line in said.splitlines() if line.startswith("tcpdump: ")]
    if any("Can't listen on group" in line for line in lines):
        return "another make firewall-log is listening already; end that one first"
    last = (said.strip().splitlines() or ["without a word"])[-1]
    return f"the router stopped sending it ({last}); see: make status"


def _fields(record: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    offset = 4  # family, version and resource id come first
    while offset + 4 <= len(record):
        length, kind = struct.unpack_from("<HH", record, offset)
        if length < 4:
            break
        found[kind] = record[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def _entry(at: datetime.datetime, reason: str, packet: bytes) -> Entry:
    header = (packet[0] & 0x0F) * 4
    number = packet[9]
    source, target = (str(ipaddress.IPv4Address(packet[start : start + 4])) for start in (12, 16))
    if number in (6, 17) and len(packet) >= header + 4:
        ports = struct.unpack_from("!HH", packet, header)
        source, target = f"{source}:{ports[0]}", f"{target}:{ports[1]}"
    return Entry(at, reason, PROTOCOLS.get(number, str(number)), source, target)
