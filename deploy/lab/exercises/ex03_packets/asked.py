"""What a student draws, and what is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.exercises import sheet
from lab.exercises.model import Part, Question
from lab.exercises.quantity import COUNT, SIZE
from lab.exercises.student import Draw

NUMBER = 3
MSS = 1460  # bytes: Ethernet's 1500 without the headers of IPv4 and TCP, 20 each (RFC 9293, 3.7.1)
TIMESTAMPS = 12  # bytes of each segment that TCP's timestamps take, with their padding (RFC 7323, appendix A)
HEADERS = 190  # bytes of the request before its body, about
PORTS = 20  # curl takes the first that is free: a connection just closed keeps its port for a minute


@dataclass(frozen=True)
class Asked:
    """The request that is to be captured: its id, the bytes of its body, its first source port."""

    request_id: str
    body: int
    port: int

    @property
    def ports(self) -> range:
        """The source ports that it may come from."""
        return range(self.port, self.port + PORTS)

    @property
    def segments(self) -> int:
        """How many segments carry it."""
        return math.ceil((HEADERS + self.body) / (MSS - TIMESTAMPS))


def draw(drawn: Draw) -> Asked:
    """The student's own request."""
    # No more than 60 kB: curl hands that to the kernel at once, so that no segment is cut short in between.
    return Asked(
        f"ex3-{drawn.whole(0x100000, 0xFFFFFF):x}",
        drawn.whole(20_000, 60_000),
        drawn.whole(50_000, 60_000, 20),
    )


def file(place: str) -> Path:
    """Where the capture made at a place belongs."""
    return sheet.path(NUMBER).with_name(f"03-{place}.pcap")


def questions(drawn: Asked) -> Sequence[Question]:
    """What is asked about it."""
    body = f"{drawn.body} bytes"
    return (
        Question("connections", Part.PREDICT, "TCP connections that it takes, client to app.", COUNT),
        Question("source_at_app", Part.PREDICT, "Whose address is the source of what the app gets?", choices=(
            "client", "router", "edge")),
        Question("ttl_at_edge", Part.PREDICT, "The client sends with TTL 64. What has the edge?", COUNT),
        Question("segments", Part.PREDICT, f"Segments for {body} of body: MSS {MSS}, timestamps on.", COUNT),
        Question("mss", Part.MEASURE, "The MSS that the client's SYN announces.", SIZE),
        Question("syn_sequence", Part.MEASURE, "The SYN's sequence number, as on the wire: digits."),
        Question("syn_acknowledged", Part.MEASURE, "The number that the SYN/ACK acknowledges: digits."),
        Question("ttl_seen", Part.MEASURE, "The TTL of the client's SYN in the edge's capture.", COUNT),
        Question("segments_seen", Part.MEASURE, "Packets with data from the client, edge's capture.", COUNT),
        Question("app", Part.MEASURE, 'Which app server was asked? Address and port: "10.10.30.99:8000".'),
        Question("edge_port", Part.MEASURE, "The edge's own port on its connection to the app: digits."),
        Question("client_known_by", Part.EXPLAIN, "Whence does the app know the client's address?", choices=(
            "source-address", "x-forwarded-for", "x-request-id", "dns")),
        Question("big_packets", Part.EXPLAIN, "Why are packets of the client over 1500 bytes?", choices=(
            "jumbo-frames", "fragments", "split-later", "compressed")),
        Question("no_syn", Part.EXPLAIN, "A request in a capture, no SYN before it. Why?", choices=(
            "kept-alive", "firewall", "udp", "syn-was-cached")),
    )  # fmt: skip
