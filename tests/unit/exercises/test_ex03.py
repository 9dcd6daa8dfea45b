"""Exercise 3: what a capture shows, and which hint fits one that is not of the asked request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab import settings, topology
from lab.errors import ExitCode, LabError
from lab.exercises.ex03_packets import asked, evidence, pcap, truths
from lab.exercises.ex03_packets.asked import Asked
from lab.exercises.ex03_packets.pcap import Connection, Packet
from lab.exercises.student import Draw

PLAN = topology.read(settings.defaults())
DRAWN = Asked("ex3-abcdef", 30_000, 50_000)
CLIENT, EDGE, APP = (PLAN.address(host) for host in ("client", "edge", "app1"))
REQUEST = b"POST /api/tickets/ HTTP/1.1\r\nX-Request-ID: ex3-abcdef\r\nContent-Length: 30000\r\n\r\nxxx"


def _packet(source: tuple[str, int], target: tuple[str, int], **said: object) -> Packet:
    blank = Packet(1.0, source, target, 64, False, False, 0, 0, 0, None, b"")
    return replace(blank, **said)  # type: ignore[arg-type]  # whichever fields the caller says


def _connection(
    client: tuple[str, int], server: tuple[str, int], ttl: int = 64, data: bytes = REQUEST
) -> Connection:
    def out(**said: object) -> Packet:
        return _packet(client, server, ttl=ttl, **said)

    return Connection(
        [
            out(syn=True, sequence=700, mss=1460),
            out(ack=True, sequence=701, acknowledged=901),
            out(ack=True, sequence=701, acknowledged=901, length=len(data), payload=data),
        ],
        [_packet(server, client, syn=True, ack=True, sequence=900, acknowledged=701)],
    )


LEFT = _connection((CLIENT, 50_003), (EDGE, 80))
ARRIVED = _connection((CLIENT, 50_003), (EDGE, 80), ttl=63)
BEHIND = _connection((EDGE, 41_000), (APP, 8000))


def _hint(client: list[Connection], edge: list[Connection]) -> str:
    """What is wrong, in words; it must be the last thing that was looked at."""
    found = evidence.judge(client, edge, PLAN, DRAWN)
    assert found.evidence is None
    assert [one.passed for one in found.judgements[:-1]] == [True] * (len(found.judgements) - 1)
    return found.judgements[-1].hint


def test_the_asked_request_at_both_places_is_evidence() -> None:
    found = evidence.judge([LEFT], [ARRIVED, BEHIND], PLAN, DRAWN)
    assert found.evidence is not None
    assert all(one.passed for one in found.judgements)
    assert list(evidence.hops(found.evidence, PLAN)) == ["edge", "app1"]
    true = {one.question: one.value for one in truths.truths(DRAWN, found.evidence)}
    assert true["mss"] == 1460
    assert (true["syn_sequence"], true["syn_acknowledged"]) == ("700", "701")
    assert (true["ttl_seen"], true["segments_seen"]) == (63, 1)
    assert (true["app"], true["edge_port"]) == (f"{APP}:8000", "41000")


def _with(data: bytes, port: int = 50_003) -> Connection:
    return _connection((CLIENT, port), (EDGE, 80), data=data)


@pytest.mark.parametrize(
    ("client", "hint"),
    [
        ([], "was the request sent while it ran"),
        ([_with(b"")], "PAYLOAD=1"),
        ([_with(b"GET / HTTP/1.1\r\n\r\n")], "no request in it has an X-Request-ID"),
        ([_with(REQUEST.replace(b"abcdef", b"123456"))], "ex3-123456, and yours is ex3-abcdef"),
        ([_with(REQUEST.replace(b"30000", b"40000"))], "announces 40000 bytes"),
        ([_with(REQUEST, port=50_020)], "yours are 50000 to 50019"),
        ([replace(LEFT, out=LEFT.out[1:])], "there is no SYN"),
        ([replace(LEFT, back=())], "are not all there"),
        ([ARRIVED], "HOST=client"),
    ],
)
def test_a_capture_at_the_client_that_is_not_of_the_request(client: list[Connection], hint: str) -> None:
    assert hint in _hint(client, [ARRIVED, BEHIND])


@pytest.mark.parametrize(
    ("edge", "hint"),
    [
        ([BEHIND], "X-Request-ID"),
        ([LEFT, BEHIND], "HOST=edge"),
        (
            [replace(ARRIVED, out=[replace(one, sequence=5) for one in ARRIVED.out]), BEHIND],
            "different requests",
        ),
        ([ARRIVED], "the filter must take port 8000"),
        ([ARRIVED, replace(BEHIND, out=BEHIND.out[:2])], "has not your request's id"),
    ],
)
def test_a_capture_at_the_edge_that_is_not_of_the_request(edge: list[Connection], hint: str) -> None:
    assert hint in _hint([LEFT], edge)


def test_a_kept_alive_connection_to_the_app_needs_no_handshake() -> None:
    kept = replace(BEHIND, out=BEHIND.out[2:])
    assert evidence.judge([LEFT], [ARRIVED, kept], PLAN, DRAWN).evidence


def test_of_two_requests_with_the_id_the_later_one_counts() -> None:
    later = _connection((CLIENT, 50_004), (EDGE, 80))
    found = evidence.judge([LEFT, later], [ARRIVED, BEHIND], PLAN, DRAWN)
    assert found.evidence
    assert found.evidence.left is later


def test_rows_of_tshark_become_connections() -> None:
    front = [
        "1.5",
        "0",
        CLIENT,
        "50003",
        EDGE,
        "80",
        "64",
        "True",
        "False",
        "4294967295",
        "0",
        "0",
        "1460",
        "",
    ]
    back = ["1.6", "0", EDGE, "80", CLIENT, "50003", "63", "1", "1", "7", "0", "0", "1460", ""]
    quoted = ["1.7", "1", f"{EDGE},{CLIENT}", "1", EDGE, "80", "64,63", "", "", "", "", "", "", ""]
    other = ["1.7", "", EDGE, "", CLIENT, "", "64", "", "", "", "", "", "", ""]
    (found,) = pcap.connections([front, back, quoted, other])
    assert found.client == (CLIENT, 50_003)
    assert found.syn_ack is not None  # sequence numbers begin again at 0 after the largest
    assert not found.handshake


def test_what_is_no_capture_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "03-client.pcap"
    file.write_text("tcpdump: listening on eth0")
    with pytest.raises(LabError, match=r"answers/03-client\.pcap is no capture; copy one") as refused:
        pcap.read(file, "answers/03-client.pcap")
    assert refused.value.exit_code == ExitCode.USAGE


def test_segments_are_counted_with_the_headers_and_without_the_timestamps() -> None:
    assert Asked("ex3-abcdef", 1448 * 20 - asked.HEADERS, 50_000).segments == 20
    assert Asked("ex3-abcdef", 1448 * 20 - asked.HEADERS + 1, 50_000).segments == 21


def test_nearly_no_neighbour_has_the_same_request() -> None:
    drawn = [asked.draw(Draw(f"s{number}", 3)) for number in range(30)]
    assert len({one.request_id for one in drawn}) == 30
    assert len({one.segments for one in drawn}) > 12
