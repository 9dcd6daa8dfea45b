"""The measuring programs: ping and iperf3, run on hosts of the lab; their answers as numbers."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.errors import ExitCode, LabError
from lab.process import last_words

# Runs a command on a host: host, words, seconds that it may take.
Run = Callable[[str, Sequence[str], float], "subprocess.CompletedProcess[str]"]
TIME = re.compile(r"time=([\d.]+) ms")
# What iperf3 reads at once, and counts only when it is whole. Its usual 128K are a tenth of what a transfer
# over 3 Mbit/s carries; these cost no rate that a link of the lab has.
TCP_BLOCK = "16K"
IPERF3_PORT = 5201  # its own, which the firewall lets pass where links are measured
SERVER_ENDS = 15.0  # seconds
SERVER_LOOK = 0.2
SLOWDOWN = 5  # how many times longer than planned a busy machine may take to send
COUNT = re.compile(r"(\d+) packets transmitted, (\d+) received")


@dataclass(frozen=True)
class Pings:
    """Echo requests sent, answers received (duplicates aside), and their round trips in seconds."""

    sent: int
    received: int
    round_trips: tuple[float, ...]


def ping(run: Run, source: str, address: str, count: int, interval: float, patience: float) -> Pings:
    """Ping `count` times, one every `interval` seconds; answers may take `patience` seconds."""
    words = ["ping", "-n", "-c", str(count), "-i", f"{interval:.4f}", "-W", f"{patience:.1f}", address]
    done = run(source, words, SLOWDOWN * count * interval + 2 * patience + 10)
    found = COUNT.search(done.stdout)
    if found is None:
        raise LabError(f"ping on {source} did not work: {last_words(done)}", ExitCode.UNMEASURED)
    answers = [line for line in done.stdout.splitlines() if "DUP!" not in line]
    times = tuple(float(time) / 1e3 for line in answers for time in TIME.findall(line))
    return Pings(int(found[1]), int(found[2]), times)


def pings(
    run: Run, source: str, address: str, programs: int, count: int, interval: float, patience: float
) -> Pings:
    """What several programs find that each ping so often, all at once."""

    def one(_: int) -> Pings:
        return ping(run, source, address, count, interval, patience)

    with ThreadPoolExecutor(programs) as pool:
        found = list(pool.map(one, range(programs)))
    times = tuple(time for part in found for time in part.round_trips)
    return Pings(sum(part.sent for part in found), sum(part.received for part in found), times)


def serve_iperf3(run: Run, host: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Start an iperf3 server for one transfer. It ends later than its client, by a round trip or more, so the
    last one may still be there; one that nobody reaches ends by itself.
    """
    for _ in range(int(SERVER_ENDS / SERVER_LOOK)):
        if not run(host, ["ss", "-Hltn", f"sport = :{IPERF3_PORT}"], 10).stdout.strip():
            break
        sleep(SERVER_LOOK)
    words = ["iperf3", "--server", "--one-off", "--daemon", "--idle-timeout", f"{SERVER_ENDS:.0f}"]
    done = run(host, words, 10)
    if done.returncode:
        said = f"cannot start iperf3 on {host}, so the rate is not measured: {last_words(done)}"
        raise LabError(said, ExitCode.UNMEASURED)


def iperf3(
    run: Run, source: str, address: str, *, reverse: bool, udp_rate: float | None, length: float
) -> float:
    """Goodput from source to address (or back) in bit/s over `length` seconds, its start left out.

    TCP, or with `udp_rate` (bit/s) UDP of that rate in packets of 1448 bytes.
    """
    words = ["iperf3", "--client", address, "--json", "--time", f"{length:.0f}", "--omit", "1"]
    words += ["--connect-timeout", "5000"]
    words += ["--reverse"] if reverse else []
    udp = ["--udp", "--bitrate", f"{udp_rate:.0f}", "--length", "1448"] if udp_rate else []
    words += udp or ["--length", TCP_BLOCK]
    done = run(source, words, length + 20)
    try:
        report = json.loads(done.stdout)
        if "error" in report:
            raise LabError(f"iperf3 from {source} to {address}: {report['error']}", ExitCode.UNMEASURED)
        return _received(report["end"])
    except (ValueError, KeyError) as error:
        said = last_words(done)
        raise LabError(
            f"iperf3 from {source} to {address} gave no result: {said}", ExitCode.UNMEASURED
        ) from error


def _received(end: dict[str, dict[str, float]]) -> float:
    if "sum_received" in end:
        return float(end["sum_received"]["bits_per_second"])
    both = end["sum"]  # older versions: UDP as seen by the receiver
    return float(both["bits_per_second"]) * (1 - float(both["lost_percent"]) / 100)
