"""A student's capture file: its TCP connections, with what each packet says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.capture import tshark
from lab.errors import ExitCode, LabError

FIELDS = (
    "frame.time_epoch", "tcp.stream", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "ip.ttl",
    "tcp.flags.syn", "tcp.flags.ack", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.options.mss_val",
    "tcp.payload",
)  # fmt: skip
SERVERS = (80, 8000)  # ports of the edge and of the app
# pcap in either byte order, with micro- or nanoseconds, and Wireshark's pcapng.
MAGIC = tuple(map(bytes.fromhex, ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "0a0d0d0a")))
LARGEST = 20_000_000  # bytes: a capture of one request has some 100 kB
REQUEST_ID = re.compile(rb"^x-request-id:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Packet:
    """One TCP packet; sequence numbers as they are on the wire, `at` in seconds since 1970."""

    at: float
    source: tuple[str, int]
    target: tuple[str, int]
    ttl: int
    syn: bool
    ack: bool
    sequence: int
    acknowledged: int
    length: int
    mss: int | None
    payload: bytes


@dataclass(frozen=True)
class Connection:
    """One TCP connection, its two directions apart. `out` is never empty: it says who the client is."""

    out: Sequence[Packet]
    back: Sequence[Packet]

    @property
    def client(self) -> tuple[str, int]:
        """Address and port of who opened it."""
        return self.out[0].source

    @property
    def server(self) -> tuple[str, int]:
        """Address and port of the other end."""
        return self.out[0].target

    @property
    def sent(self) -> bytes:
        """What the client sent, as far as it was captured."""
        return b"".join(packet.payload for packet in self.out)

    @property
    def request_ids(self) -> list[str]:
        """The X-Request-ID of each request on it."""
        return [found.decode(errors="replace") for found in REQUEST_ID.findall(self.sent)]

    @property
    def content_length(self) -> int | None:
        """How many bytes of body its first request announces."""
        found = LENGTH.search(self.sent)
        return int(found[1]) if found else None

    @property
    def syn(self) -> Packet | None:
        """The first packet of the handshake."""
        return next((packet for packet in self.out if packet.syn), None)

    @property
    def syn_ack(self) -> Packet | None:
        """The second: it acknowledges the first one's sequence number plus one."""
        first = self.syn
        return next((one for one in self.back if one.syn and first and _answers(one, first)), None)

    @property
    def handshake(self) -> bool:
        """Whether all three packets are there: the third acknowledges the second in the same way."""
        second = self.syn_ack
        return second is not None and any(_answers(one, second) for one in self.out if not one.syn)

    @property
    def carrying(self) -> int:
        """How many of the client's packets carry data."""
        return sum(packet.length > 0 for packet in self.out)


def _answers(packet: Packet, asked: Packet) -> bool:
    return packet.ack and packet.acknowledged == (asked.sequence + 1) % 2**32


def read(file: Path, where: str) -> list[Connection]:
    """The connections of a file to a server's port; raises LabError (exit code 2) if it is no capture."""
    with file.open("rb") as source:
        begin = source.read(4)
    if begin not in MAGIC:
        raise LabError(f"{where} is no capture; copy one from captures/ there", ExitCode.USAGE)
    if file.stat().st_size > LARGEST:
        said = f"{where} has {file.stat().st_size / 1e6:.0f} MB, far more than one request"
        raise LabError(f"{said}; capture again, with FILTER and a shorter FOR", ExitCode.USAGE)
    return connections(tshark.fields(file, FIELDS))


def connections(rows: Iterable[Sequence[str]]) -> list[Connection]:
    """The connections of tshark's rows, whose columns are FIELDS, in the order in which they began."""
    streams: dict[str, list[Packet]] = {}
    for row in rows:
        packet = dict(zip(FIELDS, row, strict=True))
        # Of an ICMP error tshark tells the packet that it quotes as well: two addresses, and none of ours.
        if packet["tcp.stream"] and "," not in packet["ip.src"]:
            streams.setdefault(packet["tcp.stream"], []).append(_packet(packet))
    split = (
        (
            [one for one in packets if one.target[1] in SERVERS],
            [one for one in packets if one.source[1] in SERVERS],
        )
        for packets in streams.values()
    )
    return [Connection(out, back) for out, back in split if out]


def _packet(row: Mapping[str, str]) -> Packet:
    return Packet(
        at=float(row["frame.time_epoch"]),
        source=(row["ip.src"], int(row["tcp.srcport"])),
        target=(row["ip.dst"], int(row["tcp.dstport"])),
        ttl=int(row["ip.ttl"]),
        syn=tshark.is_set(row["tcp.flags.syn"]),
        ack=tshark.is_set(row["tcp.flags.ack"]),
        sequence=int(row["tcp.seq_raw"]),
        acknowledged=int(row["tcp.ack_raw"] or 0),
        length=int(row["tcp.len"]),
        mss=int(row["tcp.options.mss_val"]) if row["tcp.options.mss_val"] else None,
        payload=bytes.fromhex(row["tcp.payload"].replace(":", "")),
    )
