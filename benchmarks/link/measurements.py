"""The measurements behind each promise; bounds are those of the project's issue on links."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Result
from lab.link.bounds import binomial
from lab.link.path import GOODPUT
from link.condition import Condition, Link
from tests.netns.link.wire import PYTHONPATH, SERVER, Wire, both

MS = 1e-3
PAIRS = 12
LOSS_PINGS = 5000


def delays(wire: Wire) -> Iterator[Result]:
    """Round trips through 1, 5, 25, 100 and 300 ms, against the same path without a link."""
    wire.clear()
    base = statistics.median(wire.ping(100, 0.005).round_trips)
    for delay in (1, 5, 25, 100, 300):
        wire.set(both(delay=delay * MS))
        wire.ping(10)  # the engine learns how late it wakes
        times = [one - base for one in wire.ping(100, 0.02, patience=2).round_trips]
        bound = max(0.5, 0.01 * 2 * delay)
        error = statistics.median(times) / MS - 2 * delay
        tail = statistics.quantiles(times, n=20)[-1] / MS - 2 * delay
        yield Result(
            f"delay {delay} ms",
            (
                f"100 pings, less {base / MS:.2f} ms without a link",
                f"median {2 * delay + error:.2f} ({error:+.2f}), 95th percentile {tail:+.2f} ms",
            ),
            f"± {bound:g}, 95th percentile ± {2 * bound:g} ms",
            len(times) == 100 and abs(error) <= bound and abs(tail) <= 2 * bound,
        )


def losses(wire: Wire) -> Iterator[Result]:
    """Loss of 1, 5 and 20 % in one direction.

    A perfect link is outside one of three bounds of 99 % in 3 of 100 runs. So a sample that is outside is
    shown and a fresh one decides: that leaves 3 of 10,000, and a link that loses otherwise fails as before.
    """
    for share in (0.01, 0.05, 0.2):
        wire.set(Link(up=Condition(loss=share)))
        low, high = binomial(LOSS_PINGS, share)
        found = [_lost(wire)]
        if not low <= found[0] <= high:
            found.append(_lost(wire))
        yield Result(
            f"loss {share:.0%}",
            (
                f"{LOSS_PINGS} pings at 1 ms; once more if outside",
                ", then ".join(f"{lost:.2%}" for lost in found),
            ),
            f"{low:.2%} to {high:.2%} (99 %)",
            low <= found[-1] <= high,
        )


def _lost(wire: Wire) -> float:
    pings = wire.ping(LOSS_PINGS, 0.001)
    return 1 - pings.received / pings.sent


def rates(wire: Wire) -> Iterator[Result]:
    """TCP through 1, 10 and 100 Mbit/s."""
    for rate in (1e6, 10e6, 100e6):
        wire.set(both(rate=rate, delay=5 * MS))
        found = statistics.median(wire.goodput(8) for _ in range(3))
        expected = rate * GOODPUT["tcp"]
        yield Result(
            f"rate {rate / 1e6:g} Mbit/s",
            ("iperf3, median of 3 x 8 s", f"{found / 1e6:.3f} Mbit/s ({found / expected - 1:+.2%})"),
            f"{expected / 1e6:.3f} ± 2 %",
            abs(found / expected - 1) <= 0.02,
        )


def throughputs(wire: Wire) -> Iterator[Result]:
    """How much TCP a mere delay lets through, and one whose packets must be split."""
    plans = [
        ("TCP through 5 ms", both(delay=5 * MS), 800.0),
        ("TCP through 20 ms", both(delay=20 * MS), 300.0),
        ("TCP through 5 ms, packets split (0.001 % duplicated)", both(delay=5 * MS, duplicate=1e-5), 0.0),
    ]
    for what, link, bound in plans:
        wire.set(link)
        found = statistics.median(wire.goodput(5) for _ in range(3)) / 1e6
        told = f"≥ {bound:g} Mbit/s" if bound else "for information"
        yield Result(what, ("iperf3, median of 3 x 5 s", f"{found:.0f} Mbit/s"), told, found >= bound)


def killing(wire: Wire) -> Result:
    """SIGKILL for the engine's process in the middle of a transfer."""
    wire.set(both(delay=20 * MS))
    words = wire.argv("client", "iperf3", "--client", SERVER, "--json", "--time", "6")
    with (
        wire.iperf3_server(),
        subprocess.Popen(words, stdout=subprocess.PIPE, env=PYTHONPATH, text=True) as transfer,
    ):
        time.sleep(2.5)
        os.kill(wire.relays()[0], signal.SIGKILL)
        killed, seconds = time.monotonic(), float("inf")
        while time.monotonic() - killed < 5:
            if any("is restored" in entry["what"] for entry in wire.ask(verb="show")["journal"]):
                seconds = time.monotonic() - killed
                break
        report = json.loads(transfer.communicate()[0])
    survived = "error" not in report and report["intervals"][-1]["sum"]["bytes"] > 0
    again = statistics.median(wire.ping(20).round_trips) / MS
    return Result(
        "engine killed in a transfer",
        (
            "SIGKILL 2.5 s into iperf3, 20 ms each way",
            f"{'connection survived' if survived else 'CONNECTION LOST'}, restored after {seconds:.2f} s, "
            f"then {again:.1f} ms round trip",
        ),
        "survives; ≤ 2 s",
        survived and seconds <= 2 and abs(again - 40) < 1,
    )


def unimpaired(directory: Path) -> Result:
    """TCP without a condition: a router whose supervisor has set and cleared a link, and one without it."""
    mine, bare = (Wire(directory, engine="userspace", tag=tag) for tag in ("kit", "bare"))
    with mine, bare, mine.iperf3_server(), bare.iperf3_server():
        mine.start()
        mine.set(both(delay=5 * MS))
        mine.clear()
        pairs = [_pair(mine, bare, first=turn % 2 == 0) for turn in range(PAIRS)]
    ratio = statistics.median(one / other for one, other in pairs)
    with_kit, without = (statistics.median(column) / 1e9 for column in zip(*pairs, strict=True))
    return Result(
        "without a condition",
        (
            f"iperf3 2 s, {PAIRS} pairs in alternating order, medians",
            f"{with_kit:.1f} of {without:.1f} Gbit/s, ratio {ratio:.3f}",
        ),
        "ratio ≥ 0.95",
        ratio >= 0.95,
    )


def _pair(mine: Wire, bare: Wire, *, first: bool) -> tuple[float, float]:
    """Goodput of both, one after the other: who goes first has the cooler processor, and so takes turns."""
    if first:
        return mine.goodput(2), bare.goodput(2)
    other = bare.goodput(2)
    return mine.goodput(2), other
