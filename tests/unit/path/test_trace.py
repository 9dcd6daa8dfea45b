"""A trace's arithmetic: the parts add up to what the client saw, whatever the servers claim."""

from __future__ import annotations

import itertools
import json

import pytest

from lab import settings, topology
from lab.errors import LabError
from lab.settings import Settings
from lab.theory import slow_start_rounds
from lab.trace import probe, target
from lab.trace.parts import AppTimes, ClientTimes, EdgeTimes, Part, split

CLIENT = ClientTimes(0.001, 0.041, 0.0, 0.0412, 0.1012, 0.1015, 9000)
EDGE = EdgeTimes(0.019, 0.018, 0.018)
APP = AppTimes(0.0169, 0.0006, 4)


def seconds(parts: list[Part]) -> dict[str, float]:
    return {part.name: part.seconds for part in parts}


@pytest.mark.parametrize(
    "edge", [None, EDGE, EdgeTimes(0.0, 0.0, 0.0), EdgeTimes(9.0, 9.0, 9.0), EdgeTimes(0.02, None, None)]
)
@pytest.mark.parametrize("app", [None, APP, AppTimes(7.0, 8.0, 1)])
@pytest.mark.parametrize("received", [100, 9000, 500_000])
@pytest.mark.parametrize("tls", [0.0, 0.0405])
def test_parts_add_up_to_the_total_and_follow_each_other(
    edge: EdgeTimes | None, app: AppTimes | None, received: int, tls: float
) -> None:
    connect = 0.04 if tls else 0.041
    client = ClientTimes(0.001, connect, tls, 0.0412, 0.1012, 0.1015, received)
    parts = split(client, edge, app, 0.04, "TLSv1.3" if tls else None)
    assert sum(part.seconds for part in parts) == pytest.approx(client.total, abs=1e-12)
    assert all(part.seconds >= -1e-12 for part in parts)
    for before, after in itertools.pairwise(parts):
        assert after.start == pytest.approx(before.start + before.seconds, abs=1e-12)


def test_the_wait_is_divided_from_the_inside_out() -> None:
    found = seconds(split(CLIENT, EDGE, APP, 0.04, None))
    assert found["database, 4 queries"] == pytest.approx(0.0006)
    assert found["the app's own code"] == pytest.approx(0.0163)
    assert found["Nginx to the app and back"] == pytest.approx(0.0011)
    assert found["Nginx itself"] == pytest.approx(0.001)
    assert found["network, there and back"] == pytest.approx(0.041)


def test_the_finer_clock_wins_over_nginx_whole_milliseconds() -> None:
    found = seconds(split(CLIENT, EdgeTimes(0.016, 0.016, 0.016), APP, 0.04, None))
    assert found["the app's own code"] == pytest.approx(0.0163)
    assert found["Nginx to the app and back"] == found["Nginx itself"] == 0


def test_of_a_long_response_nginx_sending_time_is_no_part_of_the_wait() -> None:
    """Nginx is busy until its last byte is out, long after the client had the first."""
    client = ClientTimes(0.001, 0.041, 0.0, 0.0412, 0.1012, 0.2615, 300_000)
    found = seconds(split(client, EdgeTimes(0.18, 0.018, 0.1), APP, 0.04, None))
    assert found["network, there and back"] == pytest.approx(0.06 - 0.018)
    assert found["Nginx itself"] == 0


def test_a_long_static_file_does_not_pretend_to_know_the_server() -> None:
    client = ClientTimes(0.001, 0.041, 0.0, 0.0412, 0.0812, 0.1615, 30_000)
    found = seconds(split(client, EdgeTimes(0.08, None, None), None, 0.04, None))
    assert "Nginx itself" not in found
    assert found["network and server"] == pytest.approx(0.04)


def test_theory_counts_round_trips() -> None:
    client = ClientTimes(0.0, 0.04, 0.08, 0.0801, 0.13, 0.2, 40 * 1448)
    for version, rounds in (("TLSv1.3", 1), ("TLSv1.2", 2)):
        expected = {part.name: part.expected for part in split(client, EDGE, APP, 0.04, version)}
        assert expected["TCP connect"] == 0.04
        assert expected[f"{version} handshake"] == pytest.approx(0.04 * rounds)
        assert expected["network, there and back"] == 0.04
        assert expected["transfer"] == pytest.approx(0.08)


def test_without_a_ping_theory_is_silent() -> None:
    for part in split(CLIENT, EDGE, APP, None, None):
        assert part.expected in (None, 0.0)


def test_slow_start_as_measured() -> None:
    """Whole segments, from RFC 6928's window of ten: 10, then 30, then 70, then 150 are out."""
    assert [slow_start_rounds(n * 1448) for n in (0, 1, 10, 11, 30, 31, 70, 71, 150)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
    ]


def lab() -> tuple[Settings, topology.Topology]:
    values = {**settings.defaults(), "ALLOWED_HOSTS": "10.10.10.1,localhost,helpdesk.lab"}
    return Settings(values), topology.read(values)


def test_targets_of_the_lab() -> None:
    assert target.read("http://10.10.10.1/api/", *lab()).address == "10.10.10.1"
    assert target.read("http://app1:8000/", *lab()).address == "10.10.30.11"
    named = target.read("https://helpdesk.lab/", *lab())
    assert (named.address, named.resolve) == ("10.10.10.1", "helpdesk.lab:443:10.10.10.1")
    assert target.read("http://10.10.20.253/", *lab()).port == 80


@pytest.mark.parametrize(("url", "words"), [
    ("http://1.1.1.1/", "'1.1.1.1' is not in the lab, and nothing else is traced"),
    ("http://example.com/", "is not in the lab"),
    ("http://10.10.10.1@example.com/", "a space, quote, backslash or @"),
    ("http://example.com\\@10.10.10.1/", "a space, quote, backslash or @"),
    ("http://10.10.10.1/ x", "a space, quote, backslash or @"),
    ("http://localhost:8080/", "each host's own self; trace http://10.10.10.1/ instead"),
    ("file:///etc/passwd", "is no http or https URL"),
    ("10.10.10.1/api", "is no http or https URL"),
    ("http://10.10.10.1:99999/", "is no URL"),
    ("http://worker/", "host worker has no fixed address"),
])  # fmt: skip
def test_everything_else_is_refused(url: str, words: str) -> None:
    with pytest.raises(LabError) as refusal:
        target.read(url, *lab())
    assert words in str(refusal.value)
    assert refusal.value.exit_code == 2


def test_request_ids_are_accepted_by_nginx_and_never_the_same() -> None:
    ids = {probe.request_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(8 <= len(one) <= 64 and one.replace("-", "").isalnum() for one in ids)


def test_parsing_what_curl_prints() -> None:
    times = dict(zip(("namelookup", "connect", "appconnect", "pretransfer", "starttransfer", "total"),
                     (0.1, 0.2, 0.3, 0.31, 0.4, 0.5), strict=True))  # fmt: skip
    facts = {"http_code": 200, "http_version": "2", "remote_ip": "10.10.10.1", "size_header": 100,
             "size_download": 50, **{f"time_{name}": time for name, time in times.items()}}  # fmt: skip
    head = 'HTTP/2 200\nX-Served-By: app2\nserver-timing: app;dur=16.9, db;dur=0.6;desc="4 queries"\n\n'
    seen = probe.parse(f"{head}\n{json.dumps(facts)}", "* SSL connection using TLSv1.3 / X", "client")
    assert (seen.status, seen.version, seen.tls, seen.served_by) == (200, "HTTP/2", "TLSv1.3", "app2")
    assert seen.app == AppTimes(0.0169, 0.0006, 4)
    assert seen.times.received == 150


def test_an_old_curl_is_told_in_a_sentence() -> None:
    with pytest.raises(LabError, match="curl on client told no times"):
        probe.parse("HTTP/1.1 200 OK\n\n%{json}", "", "client")


def test_nginx_lists_of_tries_are_summed() -> None:
    line = {
        "request_time": 0.009,
        "upstream_header_time": "0.002, 0.003",
        "upstream_response_time": "0.002, 0.004",
    }
    assert probe.edge_times(line) == EdgeTimes(0.009, 0.005, 0.006)
    line = {"request_time": 0.0, "upstream_header_time": "-", "upstream_response_time": ""}
    assert probe.edge_times(line) == EdgeTimes(0.0, None, None)
