"""The firewall's log read from a capture: reason, protocol, addresses and ports."""

from __future__ import annotations

import io
import socket
import struct

import pytest

from lab.errors import LabError
from lab.firewall.log import entries, why_it_ended


def field(kind: int, data: bytes) -> bytes:
    padded = struct.pack("<HH", 4 + len(data), kind) + data
    return padded + b"\0" * (-len(padded) % 4)


def capture(*records: bytes, linktype: int = 239) -> io.BytesIO:
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, linktype)
    bodies = (struct.pack("<IIII", 1_700_000_000, 250_000, len(body), len(body)) + body for body in records)
    return io.BytesIO(head + b"".join(bodies))


def packet(protocol: int, rest: bytes) -> bytes:
    addresses = socket.inet_aton("10.10.20.10") + socket.inet_aton("10.10.30.11")
    return bytes([0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0]) + addresses + rest


def record(reason: str, body: bytes) -> bytes:
    return b"\x02\x00\x00\x01" + field(1, b"abc") + field(10, reason.encode() + b"\0") + field(9, body)


def test_a_connection_attempt_is_told_with_its_ports() -> None:
    (entry,) = entries(capture(record("not allowed", packet(6, struct.pack("!HH", 40000, 8000)))))
    assert (entry.reason, entry.protocol) == ("not allowed", "tcp")
    assert (entry.source, entry.target) == ("10.10.20.10:40000", "10.10.30.11:8000")
    assert str(entry).startswith("22:13:20.250000  not allowed")


def test_a_ping_has_no_ports_and_the_next_packet_is_found() -> None:
    first, second = entries(
        capture(record("forged source", packet(1, b"\x08")), record("invalid", packet(47, b"")))
    )
    assert (first.protocol, first.source) == ("icmp", "10.10.20.10")
    assert second.protocol == "47"


def test_a_capture_of_something_else_is_refused() -> None:
    with pytest.raises(LabError, match="no NFLOG capture"):
        list(entries(capture(linktype=1)))


def test_a_router_that_says_nothing_ends_the_log() -> None:
    assert list(entries(io.BytesIO(b""))) == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("tcpdump: Can't listen on group index: Operation not permitted\n", "another make firewall-log is"),
        (
            "Error response from daemon: container 5 is not running\n",
            "the router stopped sending it (Error resp",
        ),
        ("", "the router stopped sending it (without a word)"),
    ],
)
def test_the_end_of_the_log_has_its_reason(said: str, why: str) -> None:
    assert why_it_ended(said).startswith(why)
