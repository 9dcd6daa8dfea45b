"""Capturing on a host: a throw-away container in its network namespace runs tcpdump, and Python writes."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from lab import images, paths
from lab.capture import packets
from lab.engine import container, docker, docker_argv
from lab.errors import ExitCode, LabError
from lab.settings import Settings
from lab.topology import Topology

IMAGE = "client"  # the one that has tcpdump and tshark
LONGEST = 600.0  # seconds
MOST = 500_000_000  # bytes of one file
# Bytes of each packet that are looked at: a whole TLS hello, a request's headers and the secrets in them.
SNAP_HEADERS = 4_096
SNAP_ALL = 262_144
LENGTH = re.compile(r"(\d+(?:\.\d+)?)(s|m|min)")


@dataclass(frozen=True)
class Recording:
    """A finished capture: its file, how many packets it has, and how many the kernel dropped."""

    file: Path
    packets: int
    dropped: int
    secrets: tuple[str, ...]


def seconds(text: str) -> float:
    """'10s' or '2min' as seconds; raises LabError (exit code 2) for anything else, or over ten minutes."""
    found = LENGTH.fullmatch(text.strip())
    if not found:
        raise LabError(f"FOR={text}: a time has a unit, such as FOR=10s or FOR=2min", ExitCode.USAGE)
    length = float(found[1]) * (1 if found[2] == "s" else 60)
    if not 1 <= length <= LONGEST:
        raise LabError(f"FOR={text}: a capture lasts from 1 s to 10 min; say FOR=10s", ExitCode.USAGE)
    return length


def interface(settings: Settings, plan: Topology, host: str, zone: str | None) -> str:
    """The host's interface in a zone (by default its first); raises LabError (exit code 2) if it has none."""
    zones = list(plan.hosts[plan.known(host)].addresses)
    if zone is not None and zone not in zones:
        raise LabError(f"{host} is not in zone '{zone}'; it is in {', '.join(zones)}", ExitCode.USAGE)
    subnet = plan.zones[zone or zones[0]].subnet
    listed = docker("exec", container(settings.project, host), "ip", "-j", "-4", "route", "show")
    for route in json.loads(listed):
        if route["dst"] == str(subnet):
            return str(route["dev"])
    raise LabError(f"{host} has no interface in {subnet}; run: make restart HOST={host}", ExitCode.UNMEASURED)


def record(
    settings: Settings, host: str, device: str, expression: str, length: float, *,
    payload: bool, warn: Callable[[str], None], begun: Callable[[], None] = lambda: None,
    enough: Callable[[], bool] = lambda: False,
) -> Recording:  # fmt: skip
    """Capture for `length` seconds into captures/; Ctrl-C ends it early and keeps what there is.

    Only headers, and the hellos of TLS, are written unless `payload`. `warn` is told of each kind of secret
    in clear before the first packet that carries it is written; `begun` is called once packets are taken
    down, and `enough` with each of them, whether it was the last. Raises LabError with tcpdump's own words
    for a bad filter.
    """
    words = ["tcpdump", "-Z", "root", "-n", "-i", device, "-U", "--immediate-mode", "-w", "-"]
    words += ["-s", str(SNAP_ALL if payload else SNAP_HEADERS), "--", expression]
    argv = docker_argv(
        *("run", "--rm", "--init", "--network", f"container:{container(settings.project, host)}"),
        *("--cap-drop", "ALL", "--cap-add", "NET_RAW", "--security-opt", "no-new-privileges", "--read-only"),
        *(images.name(IMAGE), "timeout", "-s", "INT", f"{length:g}", *words),
    )
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tcpdump:
        out, err = cast("IO[bytes]", tcpdump.stdout), cast("IO[bytes]", tcpdump.stderr)
        begin = out.read(packets.FILE_HEADER)
        if len(begin) < packets.FILE_HEADER:
            raise _refused(err.read().decode(errors="replace"), expression)
        file = _new_file(host, private=payload)
        begun()
        with file.open("wb") as sink:
            sink.write(begin)
            count, found = _write(cast("BinaryIO", out), sink, payload=payload, warn=warn, enough=enough)
        tcpdump.terminate()
        said = err.read().decode(errors="replace")
    dropped = re.search(r"(\d+) packets dropped by kernel", said)
    return Recording(file, count, int(dropped[1]) if dropped else 0, tuple(found))


def _write(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    payload: bool,
    warn: Callable[[str], None],
    enough: Callable[[], bool],
) -> tuple[int, list[str]]:
    count, found = 0, list[str]()
    try:
        for packet in packets.read(source):
            secret = packets.secret(packet.data)
            if secret and secret not in found:
                found.append(secret)
                warn(secret)
            kept = packet if payload else packets.headers_only(packet)
            sink.write(kept.header + kept.data)
            count += 1
            if sink.tell() > MOST or enough():
                break
    except KeyboardInterrupt:
        pass  # the user has seen enough: what came so far is a whole file
    return count, found


def _new_file(host: str, *, private: bool) -> Path:
    folder = paths.ROOT / "captures"
    folder.mkdir(exist_ok=True)
    file = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{host}.pcap"
    file.touch(mode=0o600 if private else 0o644)
    return file


def _refused(said: str, expression: str) -> LabError:
    lines = [line.removeprefix("tcpdump: ") for line in said.splitlines() if line.startswith("tcpdump: ")]
    if any("filter" in line or "syntax" in line or "unknown" in line for line in lines):
        return LabError(f"FILTER='{expression}': tcpdump says: {lines[-1]}; see man pcap-filter",
                        ExitCode.USAGE)  # fmt: skip
    last = (said.strip().splitlines() or ["no word"])[-1]
    return LabError(f"tcpdump did not start: {last}; run: make doctor", ExitCode.UNMEASURED)
