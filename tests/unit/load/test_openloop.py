"""Open loop: schedules that are what they say, and runs that keep to them and hide no server's queue."""

from __future__ import annotations

import itertools
import json
import math
import signal
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import levels
from common.openloop.arrivals import WHOLE, Load, Part, even, poisson, sampled, schedule
from common.openloop.figures import Figures, quantile, shortfall
from common.pictures import fifo, services
from tests.unit.load.conftest import SCENARIOS, Finished, Locust
from tests.unit.load.single import Single, serving
from tests.unit.load.stub import Stub
from tests.unit.load.test_runs import free_port, wait_for

SIMPLE = ("-f", str(SCENARIOS / "simple.py"))
SHAPES = st.sampled_from(sorted(levels.LEVELS))
FLAT = sampled(levels.steady)
some = settings(deadline=None, max_examples=40)  # no absolute times on a busy machine


def outcome(run: Finished) -> dict[str, Any]:
    """What the scenario `simple` printed."""
    line = next(line for line in run.output.splitlines() if line.startswith("outcome: "))
    found: dict[str, Any] = json.loads(line.removeprefix("outcome: "))
    return found


def p99(run: Finished) -> float:
    """The response time in ms that 99 % of the requests of `simple` that were sent did not exceed."""
    times = next(entry["response_times"] for entry in run.stats if entry["name"] == "/")
    found = quantile(Counter({float(time): count for time, count in times.items()}), 0.99)
    assert found is not None
    return found


class TestArrivals:
    def test_even_at_a_constant_rate(self) -> None:
        assert list(even(Load(4, 1, FLAT))) == pytest.approx([0.125, 0.375, 0.625, 0.875])

    def test_even_along_a_ramp(self) -> None:
        """Λ(t) = rate · t² / 2T, so the k-th arrival comes at √(2T(k + ½) / rate)."""
        load = Load(100, 10, sampled(levels.ramp))
        assert list(even(load)) == pytest.approx(
            [math.sqrt(20 * (k + 0.5) / 100) for k in range(500)], rel=1e-4
        )

    @some
    @given(st.floats(0.5, 500), st.floats(0.5, 100), SHAPES)
    def test_even_inverts_the_integrated_rate(self, rate: float, seconds: float, shape: str) -> None:
        load = Load(rate, seconds, sampled(levels.LEVELS[shape]))
        times = list(itertools.islice(even(load), 100))
        assert times == sorted(times)
        assert [load.expected(time) for time in times] == pytest.approx([k + 0.5 for k in range(len(times))])

    @some
    @given(st.floats(10, 200), SHAPES, st.integers(1, 7))
    def test_generators_take_even_arrivals_by_turns(self, rate: float, shape: str, of: int) -> None:
        load = Load(rate, 5, sampled(levels.LEVELS[shape]))
        parts = [list(even(load, Part(index, of))) for index in range(of)]
        assert sorted(itertools.chain(*parts)) == pytest.approx(list(even(load)))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1

    @some
    @given(st.floats(10, 200), st.floats(0.01, 4.9), st.integers(1, 5))
    def test_who_joins_later_goes_on_with_what_is_left(self, rate: float, after: float, of: int) -> None:
        load = Load(rate, 5, sampled(levels.wave))
        for index in range(of):
            part = Part(index, of)
            assert list(even(load, part, after)) == pytest.approx([t for t in even(load, part) if t > after])

    @pytest.mark.parametrize("shape", levels.LEVELS)
    def test_poisson_seen_through_the_integrated_rate_has_exponential_gaps(self, shape: str) -> None:
        """Mean, deviation and median of 10,000 gaps, each within four standard errors."""
        load = Load(2_000, 10, sampled(levels.LEVELS[shape]))
        counts = [load.expected(time) for time in poisson(load, seed="a seed")]
        gaps = [after - before for before, after in itertools.pairwise(counts)]
        error = 1 / math.sqrt(len(gaps))
        assert statistics.mean(gaps) == pytest.approx(1, abs=4 * error)
        assert statistics.stdev(gaps) == pytest.approx(1, abs=4 * math.sqrt(2) * error)
        assert statistics.median(gaps) == pytest.approx(math.log(2), abs=4 * error)

    def test_generators_have_independent_poisson_arrivals_that_add_up(self) -> None:
        load = Load(1_000, 10, FLAT)
        parts = [[int(time * 20) for time in poisson(load, Part(index, 4), "a seed")] for index in range(4)]
        assert len(list(itertools.chain(*parts))) == pytest.approx(10_000, abs=4 * math.sqrt(10_000))
        one, other = ([Counter(part)[tenth] for tenth in range(200)] for part in parts[:2])
        assert abs(statistics.correlation(one, other)) < 4 / math.sqrt(200)

    def test_a_seed_gives_the_same_times_again(self) -> None:
        load = Load(50, 2, FLAT)
        first, again, other = (list(schedule("poisson", load, WHOLE, seed)) for seed in ("1", "1", "2"))
        assert first == again != other
        assert all(1 < time < 2 for time in schedule("poisson", load, WHOLE, "1", after=1.0))


class TestFigures:
    def test_quantile(self) -> None:
        counts = Counter({3.0: 1, 1.0: 98, 2.0: 1})
        assert [quantile(counts, share) for share in (0.0, 0.5, 0.98, 0.99, 1.0)] == [1, 1, 1, 2, 3]
        assert quantile(Counter(), 0.5) is None

    def test_sum(self) -> None:
        one = Figures(10, 1, False, 0.2, Counter({0.5: 10}))
        other = Figures(5, 0, True, 0.7, Counter({0.5: 4, 9.0: 1}))
        assert Figures.read(other.report()) == other
        assert (one + other).outcome() == {
            "planned": 16,
            "started": 15,
            "unstarted": 1,
            "lag_p50_ms": 0.5,
            "lag_p99_ms": 9.0,
            "users_exhausted": True,
        }

    @pytest.mark.parametrize(
        ("figures", "workers"),
        [
            (Figures(3100, 1900, True, 0.99), 4),
            (Figures(5000, 0, False, 0.99, Counter({60.0: 5000})), 3),
            (Figures(5000, 0, False, 0.99, Counter({40.0: 5000})), None),
            (Figures(3100, 1900, True, 0.6), None),  # it was the server that kept the users busy
        ],
    )
    def test_shortfall(self, figures: Figures, workers: int | None) -> None:
        told = shortfall(figures, seconds=1.0, generators=2)
        assert (told is None) == (workers is None)
        assert told is None or told.startswith("asked for 5000/s, the generators produced ")
        assert told is None or told.endswith(f"use more workers: WORKERS={workers}")


class TestStall:
    """One request at a time in 20 ms each, so 50/s; asked 40 times a second; once it stalls for a second."""

    SERVICE, RATE, SECONDS, STALL_AT = 0.02, 40.0, 10, 80
    OPEN = (*SIMPLE, "--rate", "40", "-u", "80", "-r", "100", "-t", "10s")
    CLOSED = (*SIMPLE, "-u", "1", "-t", "10s")

    def predicted(self, arrivals: Iterator[float]) -> float:
        due = list(arrivals)
        answered = fifo(due, services(self.STALL_AT, self.SERVICE, stall=1.0))
        responses = sorted(done - arrival for arrival, done in zip(due, answered, strict=True))
        return 1000 * responses[math.ceil(0.99 * len(responses)) - 1]

    def runs(self, locust: Locust) -> list[float]:
        """The p99 of open loops with even and Poisson arrivals, and of a closed loop at the same rate.

        All at once, each with a server of its own: they need little of the processor.
        """
        with ExitStack() as stack:
            starts = []
            for arguments in (
                (*self.OPEN, "--arrivals", "even"),
                (*self.OPEN, "--arrivals", "poisson"),
                self.CLOSED,
            ):
                server = stack.enter_context(serving(Single(self.SERVICE, self.STALL_AT, stall=1.0)))
                settings = {"LAB_SEED": "a seed", "PACING": str(1 / self.RATE)}
                starts.append(locust.start("--headless", "--host", server.url, *arguments, **settings))
            return [p99(finish()) for finish in starts]

    def test_only_an_open_loop_sees_all_of_a_stall(self, locust: Locust) -> None:
        """Within 10 % of the p99 that a first-come-first-served queue has, in one of three takes."""
        load = Load(self.RATE, self.SECONDS, FLAT)
        expected = [self.predicted(even(load)), self.predicted(poisson(load, seed="a seed"))]
        for _ in range(3):
            *opened, closed = self.runs(locust)
            print(f"p99 in ms: computed {expected}, open loop {opened} (even, Poisson), closed loop {closed}")
            if opened == pytest.approx(expected, rel=0.1) and closed < 0.1 * expected[0]:
                return
        assert opened == pytest.approx(expected, rel=0.1)
        assert closed < 0.1 * expected[0]


def test_what_cannot_be_started_on_time(locust: Locust) -> None:
    """A generator that computes for 20 ms per request, and two users with a server that takes 200 ms."""
    with serving(Single(0.0)) as quick, serving(Single(0.2)) as slow:
        heavy = locust.start(
            *("--headless", "-f", str(SCENARIOS / "heavy.py"), "--host", quick.url),
            *("--rate", "400", "-u", "50", "-r", "100", "-t", "2s"),
        )
        short = locust.run(
            *(*SIMPLE, "--host", slow.url, "--rate", "20", "--arrivals", "even", "-u", "2", "-t", "3s"),
        )
        told = outcome(short)
        assert told["started"] == slow.served
    saturated = heavy()
    assert saturated.code == 2, saturated
    assert saturated.verdict.startswith("FAILED: asked for ")
    assert "use more workers: WORKERS=" in saturated.verdict
    # The users are at the server's mercy, so these are failures of the run and not of the generator.
    assert (short.code, short.verdict) == (1, f"FAILED: {told['unstarted']} of 60 requests failed"), short
    assert "all users were busy until the end of the run" in short.output
    assert (told["planned"], told["users_exhausted"]) == (60, True)
    assert told["started"] + told["unstarted"] == 60
    assert told["unstarted"] > 30
    # What the arrivals waited is no lag, but counts: each takes the server 0.4 s at most.
    assert p99(short) > 1500
    assert told["lag_p50_ms"] < 100


class Journal(Counter[str]):
    """Requests in the order in which they came. Checking a password takes a while."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def __setitem__(self, key: str, value: int) -> None:
        self.order.append(key)
        time.sleep(0.03 if key == "POST /api/token/" else 0)
        super().__setitem__(key, value)


def test_users_log_in_before_the_first_arrival(locust: Locust, stub: Stub) -> None:
    stub.requests = journal = Journal()
    run = locust.run("--host", stub.url, "--rate", "20", "-u", "15", "-r", "20", "-t", "1s")
    assert run.code == 0, run
    assert set(journal.order[:15]) == {"POST /api/token/"}
    assert stub.logged_in.total() == 15
    assert stub.connections == 15


def rate_of_the_next(seconds: float, server: Single) -> float:
    """How many requests per second come from now on, by the server's clock."""
    begin = server.loop.time()
    wait_for(lambda: server.loop.time() > begin + seconds)
    return sum(begin < came <= begin + seconds for came in server.came) / seconds


def steady_rate(server: Single, expected: float) -> float:
    """The rate of the next two seconds; on a busy machine, which first catches up, of a later two."""
    rate = 0.0
    for _ in range(4):
        rate = rate_of_the_next(2, server)
        if rate == pytest.approx(expected, rel=0.15):
            break
    return rate


def test_workers_share_the_arrivals_with_who_comes_and_take_over_from_who_is_lost(locust: Locust) -> None:
    port = str(free_port())
    with serving(Single(0.0)) as server:
        # Users of their own accord would send as fast as they can.
        locust.start(*SIMPLE, "--worker", "--master-port", port, PACING="0")
        finish = locust.start(
            *(*SIMPLE, "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port),
            *("--expect-workers", "1", "--headless", "--host", server.url),
            *("--rate", "50", "--arrivals", "even", "-u", "20", "-r", "100", "-t", "90s"),
        )
        wait_for(lambda: server.served > 25)
        later = locust.start(*SIMPLE, "--worker", "--master-port", port, PACING="0")
        wait_for(lambda: server.connections > 20)  # some of the users have moved, and take arrivals
        both = steady_rate(server, 50)
        locust.started[0].send_signal(signal.SIGTERM)
        wait_for(lambda: locust.started[0].poll() is not None)
        rate_of_the_next(1, server)  # until the master has seen it
        one = steady_rate(server, 50)
        locust.started[1].send_signal(signal.SIGTERM)
        told = outcome(finish())
        assert later().code == 0
    assert both == pytest.approx(50, rel=0.15)
    assert one == pytest.approx(50, rel=0.15)
    # What the lost one had not reported is missing.
    assert 0 < told["started"] <= server.served
    assert told["unstarted"] == 0


def test_the_web_ui_has_a_field_for_the_rate(locust: Locust) -> None:
    """Left to themselves, its five users would send one request each."""
    port = free_port()
    form = {"user_count": 5, "spawn_rate": 10, "rate": 30, "run_time": "5s"}
    with serving(Single(0.0)) as server:
        finish = locust.start(*SIMPLE, "--web-port", str(port))
        data = urllib.parse.urlencode({**form, "host": server.url}).encode()

        page = []

        def is_there() -> bool:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    page.append(answer.read().decode())
            except urllib.error.URLError:
                return False
            return True

        wait_for(is_there)
        assert "arrivals a second over all generators" in page[0]
        urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", data, timeout=5).close()
        wait_for(lambda: server.served > 30)
        locust.started[0].send_signal(signal.SIGTERM)
        assert finish().code == 0
