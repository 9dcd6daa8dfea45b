"""Bulk data over the clients' link: iperf3 to the edge, window and sender stated, and a file by curl."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab import theory
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.link import probes
from lab.process import last_words

# The textbook's sender, which every Linux lets any program choose; the VM's own may be CUBIC or BBR.
SENDER = "reno"
FILE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"  # 1.5 MB, sent by Nginx itself
FETCH = """for turn in $(seq "$1"); do
    curl -s -m 30 -o /dev/null -r "0-$2" -w '%{size_download} %{time_total}\\n' "$3" || exit 1
done"""

# Twenty at a time, each on a connection of its own that the server closes.
REQUESTS = """curl -s -Z --parallel-immediate --parallel-max 20 -m 30 -o /dev/null -H 'Connection: close' \\
    -w '%{http_code} %{time_connect}\\n' "$1?[1-$2]\""""


@dataclass(frozen=True)
class Transfer:
    """What iperf3 tells: bit/s that arrived, the first second left out, and the largest window that the
    receiver offered, in bytes."""

    rate: float
    window: float


def send(lab: RunningLab, seconds: int, window: str = "") -> Transfer:
    """From client to edge with Reno, and with `window` (as iperf3 -w takes it) or the kernel's own.

    Raises LabError (exit code 3) if it cannot be, or if another congestion control sent.
    """
    stop_servers(lab)
    probes.serve_iperf3(lab.probing, "edge")
    words = ["iperf3", "--client", lab.address("edge"), "--json", "--time", str(seconds), "--omit", "1"]
    words += ["--congestion", SENDER, "--length", probes.TCP_BLOCK, "--connect-timeout", "5000"]
    words += ["--window", window] if window else []
    done = lab.tried("client", *words, patience=seconds + 25)
    try:
        report = json.loads(done.stdout)
    except ValueError as error:
        raise _failed(last_words(done)) from error
    if "error" in report:
        raise _failed(report["error"])
    return read(report)


def read(report: dict[str, Any]) -> Transfer:
    """iperf3's report; raises LabError (exit code 3) if another sender made it, or something is missing."""
    try:
        end = report["end"]
        used, stream = end["sender_tcp_congestion"], end["streams"][0]["sender"]
        found = Transfer(
            float(end["sum_received"]["bits_per_second"]),
            float(stream["max_snd_wnd"]),
        )
    except (KeyError, IndexError, TypeError) as error:
        raise _failed(f"its report lacks {error}") from error
    if used != SENDER:
        raise _failed(f"{used} sent, not {SENDER}")
    return found


def stop_servers(lab: RunningLab) -> None:
    """End iperf3 on the edge: one that a student left there takes the port."""
    lab.run("edge", "sh", "-c", "servers=$(pidof iperf3) || exit 0; kill $servers")


def fetch(lab: RunningLab, size: int, repeats: int) -> float:
    """The median seconds that the first `size` bytes of FILE take on a new connection each time."""
    url = f"http://{lab.address('edge')}{FILE}"
    printed = lab.run("client", "sh", "-c", FETCH, "sh", str(repeats), str(size - 1), url, patience=160)
    rows = [line.split() for line in printed.splitlines()]
    if any(int(got) != size for got, _ in rows):
        raise LabError(f"{url} did not give its first {size} bytes; run: make up", ExitCode.UNMEASURED)
    return statistics.median(float(time) for _, time in rows)


def slow_to_connect(lab: RunningLab, url: str, count: int) -> float:
    """The share of requests, each on a new connection, that took most of theory.FIRST_RTO more to connect."""
    printed = lab.run("client", "sh", "-c", REQUESTS, "sh", url, str(count), patience=120)
    rows = [line.split() for line in printed.splitlines()]
    times = [float(time) for code, time in rows if code == "200"]
    if len(times) < count:
        said = f"{url} answered {len(times)} of {count} requests with 200"
        raise LabError(f"{said}; see make status", ExitCode.UNMEASURED)
    return late(times)


def late(times: Sequence[float]) -> float:
    """The share of times, in seconds, that exceed their median by most of the first time-out."""
    bound = statistics.median(times) + 0.75 * theory.FIRST_RTO
    return sum(time > bound for time in times) / len(times)


def _failed(said: str) -> LabError:
    return LabError(f"iperf3 from client to edge: {said}", ExitCode.UNMEASURED)
