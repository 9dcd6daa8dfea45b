"""Captures: headers without payloads, secrets named before they are written, honest summaries."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.capture import packets, record, summary, view
from lab.capture.packets import Packet
from lab.capture.record import Recording
from lab.errors import LabError

LOGIN = b'POST /api/token/ HTTP/1.1\r\nHost: x\r\n\r\n{"username": "student1", "password": "hunter22"}'


def frame(payload: bytes, *, protocol: int = 6, options: bytes = b"", fragment: int = 0) -> bytes:
    """An Ethernet frame from 10.10.20.10 to 10.10.10.1; `options` are TCP's, in multiples of 4 bytes."""
    tcp = struct.pack("!HHIIBBHHH", 50000, 80, 1, 1, (5 + len(options) // 4) << 4, 0x18, 64, 0, 0) + options
    transport = {6: tcp, 17: bytes(8), 1: bytes(8)}[protocol]
    body = payload if fragment else transport + payload
    addresses = bytes([10, 10, 20, 10, 10, 10, 10, 1])
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, fragment, 64, protocol, 0) + addresses
    return bytes(12) + b"\x08\x00" + ip + body


def packet(data: bytes) -> Packet:
    return Packet(struct.pack("<IIII", 1, 2, len(data), len(data)), data)


@pytest.mark.parametrize("data", [
    frame(LOGIN), frame(LOGIN, options=bytes(12)), frame(LOGIN, options=bytes(40)), frame(LOGIN, protocol=17),
    frame(LOGIN, protocol=1), frame(LOGIN, fragment=100), bytes(12) + b"\x86\xdd" + bytes(60) + LOGIN,
])  # fmt: skip
def test_not_one_byte_of_payload_is_kept(data: bytes) -> None:
    cut = packets.headers_only(packet(data))
    assert b"POST" not in cut.data
    assert len(cut.data) < len(data)
    kept, original = struct.unpack_from("<II", cut.header, 8)
    assert kept == len(cut.data)
    assert original == len(data)


@pytest.mark.parametrize("kind", [1, 2])
def test_tls_hellos_are_kept_and_nothing_else_of_tls(kind: int) -> None:
    hello = b"\x16\x03\x01\x00\x05" + bytes([kind]) + b"\x00\x00\x01x"
    assert packets.headers_only(packet(frame(hello))).data == frame(hello)
    for other in (b"\x17" + hello[1:], hello[:5] + b"\x0b" + hello[6:], b"POST" + hello):
        assert len(packets.headers_only(packet(frame(other))).data) == len(frame(b""))
    assert len(packets.headers_only(packet(frame(hello, protocol=17))).data) == len(frame(b"", protocol=17))


def test_headers_are_kept_whole() -> None:
    assert packets.headers_length(frame(b"x", options=bytes(12))) == 14 + 20 + 32
    assert packets.headers_length(frame(b"x", protocol=17)) == 14 + 20 + 8
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    assert packets.headers_only(packet(arp)).data == arp


@pytest.mark.parametrize(("payload", "words"), [
    (LOGIN, "a log-in with its password, from 10.10.20.10 to 10.10.10.1"),
    (LOGIN[:30], "a log-in"),
    (b"GET / HTTP/1.1\r\nAuthorization: Bearer x\r\n", "an access token"),
    (b"GET / HTTP/1.1\r\nauthorization: Bearer x\r\n", "an access token"),
    (b"POST /api/v10/webhooks/1/secret HTTP/1.1\r\n", "a webhook's secret address"),
    (b"GET / HTTP/1.1\r\nCookie: a=b; sessionid=x\r\n", "a session cookie"),
])  # fmt: skip
def test_secrets_in_clear_are_named(payload: bytes, words: str) -> None:
    assert words in str(packets.secret(frame(payload)))


@pytest.mark.parametrize(
    "payload", [b"", b"GET /api/tickets/ HTTP/1.1\r\n", b"\x16\x03\x01 tls", b"POST /api/tickets/"]
)
def test_other_packets_raise_no_alarm(payload: bytes) -> None:
    assert packets.secret(frame(payload)) is None


def _stream(*frames: bytes) -> io.BytesIO:
    return io.BytesIO(b"".join(packet(data).header + data for data in frames))


@pytest.mark.parametrize("payload", [True, False])
def test_the_warning_comes_once_and_before_the_secret_is_written(payload: bool) -> None:
    sink, seen = io.BytesIO(), list[bytes]()
    source = _stream(frame(b"GET / HTTP/1.1"), frame(LOGIN), frame(LOGIN))
    count, found = record._write(
        source, sink, payload=payload, warn=lambda _: seen.append(sink.getvalue()), enough=lambda: False
    )
    assert (count, len(found), len(seen)) == (3, 1, 1)
    assert b"hunter22" not in seen[0]
    assert (b"hunter22" in sink.getvalue()) is payload


def test_a_capture_ends_with_the_packet_that_is_enough() -> None:
    sink = io.BytesIO()
    source = _stream(frame(b"one"), frame(b"two"), frame(b"three"))
    count, _ = record._write(
        source, sink, payload=True, warn=lambda _: None, enough=lambda: b"two" in sink.getvalue()
    )
    assert count == 2


def test_a_packet_cut_off_at_the_end_is_left_out() -> None:
    whole = _stream(frame(b"one"), frame(b"two")).getvalue()
    assert len(list(packets.read(io.BytesIO(whole[:-1])))) == 1


@pytest.mark.parametrize(("text", "expected"), [("10s", 10), ("1.5s", 1.5), ("2min", 120), ("10m", 600)])
def test_lengths(text: str, expected: float) -> None:
    assert record.seconds(text) == expected


@pytest.mark.parametrize(("text", "words"), [
    ("10", "a time has a unit"), ("", "a time has a unit"), ("-5s", "a time has a unit"),
    ("1h", "a time has a unit"),
    ("11min", "from 1 s to 10 min"), ("601s", "from 1 s to 10 min"), ("0s", "from 1 s to 10 min"),
])  # fmt: skip
def test_other_lengths_are_refused(text: str, words: str) -> None:
    with pytest.raises(LabError, match=words) as refusal:
        record.seconds(text)
    assert refusal.value.exit_code == 2


def test_a_bad_filter_is_told_in_tcpdumps_own_words() -> None:
    said = "tcpdump: can't parse filter expression: syntax error\n"
    refusal = record._refused(said, "tcp prt 80")
    assert "FILTER='tcp prt 80': tcpdump says: can't parse filter expression" in str(refusal)
    assert refusal.exit_code == 2
    assert record._refused("docker: no such image\n", "").exit_code == 3


def row(
    time: float,
    *,
    back: bool = False,
    flags: str = "",
    again: bool = False,
    stream: str = "0",
    hello: Sequence[str] = ("", "", "", ""),
) -> list[str]:
    ends = ["10.10.20.10", "50000", "10.10.10.1", "80"]
    ends = ends[2:] + ends[:2] if back else ends
    bits = [str(int(flag in flags)) for flag in "SAR"]
    return [str(time), "100", stream, *ends, *bits, "0", "1" if again else "", *hello]


def test_a_handshake_gives_both_halves_of_the_round_trip() -> None:
    (one,) = summary.collect(
        [row(1.0, flags="S"), row(1.03, back=True, flags="SA"), row(1.04, flags="A"), row(2.0, flags="A")]
    ).conversations
    assert (one.client, one.server, one.handshake) == ("10.10.20.10:50000", "10.10.10.1:80", True)
    assert one.to_server == pytest.approx(0.03)
    assert one.to_client == pytest.approx(0.01)
    assert one.rtt == pytest.approx(0.04)
    assert (one.bytes_out, one.bytes_in) == (300, 100)


@pytest.mark.parametrize(
    ("chosen", "version"),
    [
        (("2", "0x0303", "0x0304", ""), "TLS 1.3"),
        (("2,11,12,14", "0x0303", "", ""), "TLS 1.2"),
        (("2", "0x0303", "0x7f1c", ""), "TLS 0x7f1c"),
        (("", "", "", ""), ""),
    ],
)
def test_tls_is_what_the_server_chose_for_the_name_that_the_client_asked_for(
    chosen: Sequence[str], version: str
) -> None:
    offered = ("1", "0x0303", "0x0304,0x0303", "edge")
    (one,) = summary.collect(
        [row(1.0, flags="A", hello=offered), row(1.1, back=True, flags="A", hello=chosen)]
    ).conversations
    assert (one.tls, one.name) == (version, "edge")


def test_a_repeated_syn_has_no_round_trip() -> None:
    found = summary.collect(
        [
            row(1.0, flags="S"),
            row(2.0, flags="S", again=True),
            row(2.1, back=True, flags="SA"),
            row(2.2, flags="A"),
        ]
    )
    assert found.conversations[0].handshake
    assert found.conversations[0].rtt is None
    assert found.conversations[0].retransmissions == 1
    assert found.median_rtt is None


def test_a_connection_that_was_open_before_finds_its_client_by_the_port() -> None:
    (one,) = summary.collect([row(1.0, back=True, flags="A"), row(1.1, flags="R")]).conversations
    assert one.client == "10.10.20.10:50000"
    assert not one.handshake
    assert one.resets == 1


def test_other_protocols_are_counted_and_columns_of_either_tshark_are_read() -> None:
    opening = row(1.0, flags="S")
    newer = [
        {"0": "False", "1": "True"}.get(cell, cell) if 7 <= at <= 9 else cell
        for at, cell in enumerate(opening)
    ]
    found = summary.collect([row(1.0, stream=""), newer])
    assert found.other_packets == 1
    assert found.conversations[0].syns == [1.0]


def test_gaps_are_said_in_the_summary() -> None:
    shown = view._totals(Recording(Path("x.pcap"), 5, 7, ()), summary.Summary([], 5))
    assert any("the kernel dropped 7 packets" in str(line) for line in shown)
