"""What is kept of a request, of the requests under way, and of a generator's own trouble; without Locust."""

from __future__ import annotations

import csv
import socket
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import way
from common.recording import gauge, judge, strain
from common.recording.crew import Report
from common.recording.gauge import Gauge
from common.recording.judge import Judge
from common.recording.phases import UNTOLD, Parts, Phases, ServerTiming, Trace, parts, server_timing
from common.recording.records import HEADER, Answer, Request, line
from common.recording.strain import Window
from common.refusal import RefusedError

SECONDS = st.floats(0, 5_000)


class TestServerTiming:
    @pytest.mark.parametrize(
        ("header", "told"),
        [
            ('app;dur=4.2, db;dur=1.1;desc="2 queries", edge;dur=5', ServerTiming(5, 4.2, 1.1)),
            ("edge;dur=0", ServerTiming(0, None, None)),
            ('db;desc="a, edge;dur=9";dur=2', ServerTiming(None, None, 2)),
            ("cache;dur=1, edge", UNTOLD),
            ("app;dur=1.2.3", UNTOLD),
            ("", UNTOLD),
        ],
    )
    def test_read(self, header: str, told: ServerTiming) -> None:
        assert server_timing(header) == told


class TestParts:
    def test_through_nginx(self) -> None:
        assert parts(100, 20, ServerTiming(60, 45, 30)) == Parts(20, 20, 15, 15, 30, 0)

    def test_nginx_counts_whole_milliseconds(self) -> None:
        took = parts(10, 0, ServerTiming(4, 4.8, 1))
        assert (took.queue, took.network) == (0, 5.2)

    def test_nginx_alone(self) -> None:
        assert parts(10, 0, ServerTiming(edge=4)) == Parts(0, 6, 4, 0, 0, 0)

    def test_straight_to_a_replica(self) -> None:
        assert parts(10, 1, ServerTiming(app=4, db=1)) == Parts(1, 0, 0, 3, 1, 5)

    def test_nothing_told(self) -> None:
        assert parts(10, 1, UNTOLD) == Parts(1, 0, 0, 0, 0, 9)

    @given(SECONDS, SECONDS, *[st.none() | SECONDS] * 3)
    def test_parts_add_up_and_none_is_negative(
        self, service: float, connect: float, edge: float | None, app: float | None, db: float | None
    ) -> None:
        took = parts(service, connect, ServerTiming(edge, app, db))
        assert sum(took) == pytest.approx(service, abs=1e-6)
        assert min(took) >= 0


class TestLine:
    REQUEST = Request(1_700_000_000.25, "Reader", "GET", "/api/tickets/[id]/", "", 12.3456)

    def row(self, request: Request, answer: Answer, wire: Phases) -> dict[str, str]:
        text = line(request, answer, server_timing(answer.timing), wire, "local")
        (row,) = csv.DictReader([HEADER, text])
        return row

    def test_all_that_can_be_known(self) -> None:
        wire = Phases(1.5, 2.25, "10.10.20.64", written_at=5.0, headers_at=5.0075, late_ms=100.0)
        answer = Answer(200, 512, "app;dur=4.2, db;dur=1.1, edge;dur=6", "app1", "MISS", "0af1")
        assert self.row(self.REQUEST, answer, wire) == {
            "sent": "1700000000.250000",
            "intended": "1700000000.150000",
            "scenario": "Reader",
            "method": "GET",
            "name": "/api/tickets/[id]/",
            "status": "200",
            "error": "",
            "service_ms": "12.346",
            "response_ms": "112.346",
            "connect_ms": "1.500",
            "tls_ms": "2.250",
            "first_byte_ms": "7.500",
            "edge_ms": "6",
            "app_ms": "4.2",
            "db_ms": "1.1",
            "bytes_in": "512",
            "served_by": "app1",
            "cache": "MISS",
            "request_id": "0af1",
            "source": "10.10.20.64",
            "worker": "local",
        }

    def test_what_is_not_known_is_empty(self) -> None:
        row = self.row(self.REQUEST, Answer(), Phases())
        empty = {name for name, value in row.items() if not value}
        assert row["status"] == "0"
        assert {"connect_ms", "tls_ms", "first_byte_ms", "edge_ms", "app_ms", "db_ms", "served_by"} <= empty

    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    def test_any_text_stays_on_its_line(self, said: str) -> None:
        row = self.row(self.REQUEST._replace(error=said), Answer(), Phases())
        assert row["error"] == said.replace("\r", " ").replace("\n", " ")
        assert row["worker"] == "local"

    def test_a_request_leaves_the_one_before_as_it_was(self) -> None:
        trace = Trace(Phases(1.0, 2.0, "127.0.0.1", 3.0, 4.0, 5.0))
        before = trace.phases
        assert trace.restart() is trace.phases
        assert trace.phases == Phases(source="127.0.0.1")
        assert before.connect_ms == 1.0


class TestGauge:
    def test_time_average(self) -> None:
        now = [100.0]
        watched = Gauge(lambda: now[0])
        with watched:  # one for 4 s, of which 1 s two
            now[0] = 102.0
            with watched:
                now[0] = 103.0
            now[0] = 104.0
        watched.sample()
        samples = watched.taken()
        assert samples == [(100.0, 0.0), (104.0, 5.0)]
        assert gauge.mean(samples, 100.0, 104.0) == pytest.approx(5 / 4)
        assert gauge.mean(samples, 101.0, 103.0) == pytest.approx(5 / 4)
        assert gauge.mean(samples, 96.0, 112.0) == pytest.approx(5 / 16)  # before and after there was nothing
        assert watched.taken() == []

    def test_a_request_that_raises_has_ended(self) -> None:
        watched = Gauge()
        with pytest.raises(OSError, match="refused"), watched:
            raise OSError("refused")
        assert watched.under_way == 0


class TestStrain:
    @pytest.mark.parametrize(
        ("window", "said"),
        [
            (Window(cpu=0.5, waited=0.3, lag=0.01), ""),
            (Window(cpu=0.95, waited=0.0, lag=0.2), "used 95 % of its processor core"),
            (Window(cpu=0.6, waited=0.38, lag=0.2), "needed 98 % of a processor core and got 60 %"),
            (Window(cpu=0.1, waited=0.0, lag=0.2), "was late by 200 ms on average"),
        ],
    )
    def test_says_which_it_was(self, window: Window, said: str) -> None:
        assert strain.strain(window).startswith(said)
        assert bool(strain.strain(window)) == bool(said)

    def test_waiting_for_a_core_counts(self) -> None:
        before = strain.Clocks(wall=10.0, cpu=1.0, waited=2.0)
        after = strain.Clocks(wall=12.0, cpu=2.2, waited=2.7)
        window = strain.between(before, after, 0.0)
        assert [window.cpu, window.waited] == pytest.approx([0.6, 0.35])
        assert "other processes took the rest" in strain.strain(window)

    def test_the_kernel_tells_the_waiting(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        told = tmp_path / "schedstat"
        told.write_text("97575000 2500000000 17\n")
        monkeypatch.setattr(strain, "SCHEDSTAT", told)
        assert strain.Clocks.read().waited == 2.5

    def test_a_kernel_that_does_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(strain, "SCHEDSTAT", Path("/nowhere/schedstat"))
        assert strain.Clocks.read().waited == 0


class TestSources:
    OWN = ("10.10.20.20", "10.10.20.128", "10.10.20.129")

    @pytest.fixture
    def _addresses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def entry(
            address: str, netmask: str | None = "255.255.255.0", family: int = socket.AF_INET
        ) -> object:
            return SimpleNamespace(family=family, address=address, netmask=netmask)

        eth0 = [entry(address) for address in (*reversed(self.OWN), "10.10.10.7")]
        eth0.append(entry("fe80::1%eth0", None, socket.AF_INET6))
        interfaces = {"lo": [entry("127.0.0.1", "255.0.0.0")], "eth0": eth0}
        monkeypatch.setattr("common.way.psutil.net_if_addrs", lambda: interfaces)

    @pytest.mark.usefixtures("_addresses")
    def test_those_in_the_network_of_the_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        preferred = {"10.10.10.1": "10.10.20.20"}
        monkeypatch.setattr(way, "_preferred", preferred.__getitem__)
        assert tuple(way.own_addresses("http://10.10.10.1:80/x")) == self.OWN

    @pytest.mark.parametrize(("first", "order"), [(0, "abcab"), (2, "cabca"), (4, "bcabc")])
    def test_each_process_begins_with_another(
        self, monkeypatch: pytest.MonkeyPatch, first: int, order: str
    ) -> None:
        monkeypatch.setattr(way, "own_addresses", lambda _target: ["a", "b", "c"])
        assert "".join(islice(way.sources("10.10.10.1", first), 5)) == order

    def test_loopback_is_reached_from_loopback(self) -> None:
        assert way.own_addresses("http://127.0.0.1:80")[0] == "127.0.0.1"


class TestWays:
    def test_the_replica_is_what_lab_via_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LAB_VIA", "app1=10.10.30.11, app2=10.10.30.12:8080")
        ways = way.Ways()
        assert ways.next({"via": "app1"}, "http://10.10.10.1", None).via == ("10.10.30.11", 8000)
        assert ways.next({"via": "app2"}, "http://10.10.10.1", None).via == ("10.10.30.12", 8080)
        assert ways.next({"via": "edge"}, "http://10.10.10.1", None) == way.Way()
        with pytest.raises(RefusedError, match="--via app3"):
            ways.next({"via": "app3"}, "http://10.10.10.1", None)


class TestJudge:
    REPORT = Report(
        host="vm",
        lines="a line\n",
        samples=[(0.0, 0.0)],
        strains=[],
        requests=3,
        last_end=0.0,
        cpu=1.0,
        wall=4.0,
        sums=[("GET", "/", [2.0, 10.0, 20.0])],
    )

    def test_writes_requests_as_they_come(self, tmp_path: Path) -> None:
        watching = Judge(tmp_path)
        watching.absorb("one", self.REPORT)
        assert (tmp_path / "requests.csv").read_text() == HEADER + "a line\n"
        watching.absorb("two", self.REPORT)
        assert (tmp_path / "requests.csv").read_text() == HEADER + "a line\na line\n"
        assert watching.crew.sums() == {("GET", "/"): [4.0, 20.0, 40.0]}
        assert [member.cpu_share for member in watching.crew.members.values()] == [0.25, 0.25]

    def test_a_generators_first_strain_is_an_event(self) -> None:
        watching = Judge()
        for strained in ("was late by 80 ms", "was late by 90 ms"):
            watching.absorb("one", {**self.REPORT, "strains": [(watching.began + 4, strained)]})
        ((at, what),) = watching.events
        assert at == pytest.approx(4)
        assert what == "generator one was late by 80 ms"
        assert watching.crew.strain == "was late by 80 ms"

    def test_the_requests_under_way_are_those_of_all(self) -> None:
        watching = Judge()
        begin = watching.began
        for one in ("one", "two"):
            watching.absorb(
                one, {**self.REPORT, "samples": [(begin, 0.0), (begin + 4, 8.0)], "last_end": begin + 4}
            )
        assert watching.in_flight(shaped=True) == {"from": 0, "to": 4, "mean": 4}

    def test_who_is_lost_is_lost_once(self) -> None:
        watching = Judge()
        watching.crew.join("one")
        watching.crew.join("two")
        newly = watching.crew.lose(["two", "three"])
        assert [member.id for member in newly] == ["two"]
        assert watching.crew.lose(["two"]) == []
        assert watching.crew.lost == 1

    def test_a_full_disk_is_said(self, tmp_path: Path) -> None:
        watching = Judge(tmp_path)
        (tmp_path / "requests.csv").unlink()
        (tmp_path / "requests.csv").mkdir()
        watching.absorb("one", self.REPORT)
        assert watching.trouble == f"cannot write {tmp_path}/requests.csv (Is a directory)"

    def test_no_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LAB_RUN_DIR", "/nowhere/run")
        with pytest.raises(RefusedError, match="LAB_RUN_DIR names /nowhere/run, which is not a folder"):
            judge.folder()
        monkeypatch.setenv("LAB_RUN_DIR", "")
        assert judge.folder() is None
