"""What a pcap tells of its TCP conversations, by tshark's own analysis of sequence numbers."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.capture import tshark
from lab.capture.tshark import is_set

FIELDS = (
    "frame.time_epoch", "frame.len", "tcp.stream", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport",
    "tcp.flags.syn", "tcp.flags.ack", "tcp.flags.reset", "tcp.len", "tcp.analysis.retransmission",
    "tls.handshake.type", "tls.handshake.version", "tls.handshake.extensions.supported_version",
    "tls.handshake.extensions_server_name",
)  # fmt: skip
SERVER_HELLO = "2"
TLS_VERSIONS = {"0x0301": "TLS 1.0", "0x0302": "TLS 1.1", "0x0303": "TLS 1.2", "0x0304": "TLS 1.3"}


@dataclass
class Conversation:
    """One TCP connection as the capturing host saw it; times in seconds, bytes of whole frames.

    `to_server` is SYN to SYN/ACK, `to_client` SYN/ACK to the client's ACK: their sum is the round trip
    between the two ends, wherever the capture was made. Either is None where a packet of the handshake is
    missing or was sent again (which of the two was answered is then unknown: Karn's rule). `tls` is the
    version that the server chose, `name` the one that the client asked for (SNI); empty without TLS.
    """

    client: str
    server: str
    packets: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    retransmissions: int = 0
    resets: int = 0
    syns: list[float] = field(default_factory=list)
    syn_acks: list[float] = field(default_factory=list)
    first_ack: float | None = None
    tls: str = ""
    name: str = ""

    @property
    def handshake(self) -> bool:
        """Whether all three packets of the opening are there."""
        return bool(self.syns and self.syn_acks and self.first_ack)

    @property
    def to_server(self) -> float | None:
        """The half of the round trip beyond the capturing host, towards the server."""
        return self.syn_acks[0] - self.syns[0] if len(self.syns) == len(self.syn_acks) == 1 else None

    @property
    def to_client(self) -> float | None:
        """The other half, towards the client."""
        if self.first_ack is None or len(self.syn_acks) != 1:
            return None
        return self.first_ack - self.syn_acks[0]

    @property
    def rtt(self) -> float | None:
        """Both halves."""
        if self.to_server is None or self.to_client is None:
            return None
        return self.to_server + self.to_client


@dataclass(frozen=True)
class Summary:
    """All conversations, the largest first, and how many packets were none of TCP's."""

    conversations: list[Conversation]
    other_packets: int

    @property
    def median_rtt(self) -> float | None:
        """The median over all handshakes, in seconds."""
        times = [one.rtt for one in self.conversations if one.rtt is not None]
        return statistics.median(times) if times else None


def summarise(file: Path) -> Summary:
    """tshark's analysis of a file; raises LabError (exit code 3) when there is no tshark to ask."""
    return collect(tshark.fields(file, FIELDS))


def collect(rows: Iterable[Sequence[str]]) -> Summary:
    """The summary of tshark's rows, whose columns are FIELDS."""
    found: dict[str, Conversation] = {}
    others = 0
    for row in rows:
        packet = dict(zip(FIELDS, row, strict=True))
        stream = packet["tcp.stream"]
        if not stream:
            others += 1
            continue
        if stream not in found:
            found[stream] = _begin(packet)
        _count(found[stream], packet)
    largest_first = sorted(found.values(), key=lambda one: -(one.bytes_in + one.bytes_out))
    return Summary(largest_first, others)


def _begin(packet: dict[str, str]) -> Conversation:
    """Who is the client: who sent the SYN, or where that was missed, whose port is the higher."""
    source = (packet["ip.src"], int(packet["tcp.srcport"]))
    target = (packet["ip.dst"], int(packet["tcp.dstport"]))
    answered = is_set(packet["tcp.flags.ack"])
    opens = is_set(packet["tcp.flags.syn"])
    from_client = not answered if opens else source[1] > target[1]
    client, server = (source, target) if from_client else (target, source)
    return Conversation(f"{client[0]}:{client[1]}", f"{server[0]}:{server[1]}")


def _count(one: Conversation, packet: dict[str, str]) -> None:
    time, size = float(packet["frame.time_epoch"]), int(packet["frame.len"])
    from_client = f"{packet['ip.src']}:{packet['tcp.srcport']}" == one.client
    syn, ack = is_set(packet["tcp.flags.syn"]), is_set(packet["tcp.flags.ack"])
    one.packets += 1
    one.bytes_out += size if from_client else 0
    one.bytes_in += 0 if from_client else size
    one.retransmissions += bool(packet["tcp.analysis.retransmission"])
    one.resets += is_set(packet["tcp.flags.reset"])
    if syn:
        (one.syn_acks if ack else one.syns).append(time)
    elif from_client and ack and one.syn_acks and one.first_ack is None:
        one.first_ack = time
    _take_hello(one, packet)


def _take_hello(one: Conversation, packet: dict[str, str]) -> None:
    """What a TLS hello says; TLS 1.3 keeps 1.2's version in its old place and its own in an extension."""
    one.name = one.name or packet["tls.handshake.extensions_server_name"]
    if packet["tls.handshake.type"].split(",")[0] == SERVER_HELLO:
        chosen = packet["tls.handshake.extensions.supported_version"] or packet["tls.handshake.version"]
        first = chosen.split(",")[0]
        one.tls = TLS_VERSIONS.get(first, f"TLS {first}")
