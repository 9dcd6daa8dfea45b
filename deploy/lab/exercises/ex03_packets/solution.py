"""What the page's commands do, and how one goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from lab.capture import packets, record
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex03_packets import evidence, truths
from lab.exercises.ex03_packets.asked import Asked, file
from lab.exercises.ex03_packets.evidence import Evidence

FILTERS = {"client": "tcp port 80", "edge": "tcp port 80 or tcp port 8000"}
BEGIN = 30.0  # seconds until both captures run, at most: two containers on a busy VM
SECONDS = 30.0  # of capture at most: it ends as soon as the answer was there
SEND = """head -c "$1" /dev/zero | tr '\\0' x | curl -s -m 20 -o /dev/null --data-binary @- \
--local-port "$2" -H "X-Request-ID: $3" "$4" """
HANDSHAKE = 3  # packets


def do(lab: RunningLab, drawn: Asked) -> None:
    """Capture the request at both places."""
    both = threading.Barrier(len(FILTERS) + 1)
    with ThreadPoolExecutor(len(FILTERS)) as pool:
        answered = threading.Event()
        running = {place: pool.submit(_capture, lab, place, both, answered.is_set) for place in FILTERS}
        try:
            both.wait(BEGIN)
            _send(lab, drawn)
            answered.set()
            # The captures look up with the next packet, and one more request brings it, to the app as well.
            lab.run("client", "curl", "-s", "-m", "20", f"http://{lab.address('edge')}/healthz")
        except threading.BrokenBarrierError:
            pass  # a capture did not begin: its result says why
        for place, recording in running.items():
            file(place).parent.mkdir(exist_ok=True)
            recording.result().replace(file(place))


def _capture(lab: RunningLab, place: str, both: threading.Barrier, enough: Callable[[], bool]) -> Path:
    def begun() -> None:
        both.wait(BEGIN)

    try:
        device = record.interface(lab.settings, lab.plan, place, None)
        made = record.record(
            lab.settings, place, device, FILTERS[place], SECONDS,
            payload=True, warn=lab.say, begun=begun, enough=enough,
        )  # fmt: skip
    except threading.BrokenBarrierError:
        raise LabError("the other capture did not begin", ExitCode.UNMEASURED) from None
    except LabError:
        both.abort()
        raise
    return made.file


def _send(lab: RunningLab, drawn: Asked) -> None:
    ports = f"{drawn.ports[0]}-{drawn.ports[-1]}"
    url = f"http://{lab.address('edge')}/api/tickets/"
    lab.run("client", "sh", "-c", SEND, "sh", str(drawn.body), ports, drawn.request_id, url)


def answers(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """The right ones, once both captures are right."""
    return _answers(drawn, evidence.gather(lab.plan, drawn).evidence)


def _answers(drawn: Asked, found: Evidence | None) -> dict[str, object]:
    written: dict[str, object] = {one.question: _written(one.value) for one in truths.truths(drawn, found)}
    return written | ({"mss": f"{written['mss']} bytes"} if found else {})


def _written(value: float | str | Sequence[str]) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


# --- Typical wrong ways ----------------------------------------------------------------------------
def _done(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """The right answers, of the captures that are there if they are right, else of new ones."""
    found = evidence.gather(lab.plan, drawn).evidence
    if found is None:
        do(lab, drawn)
        return answers(lab, drawn)
    return _answers(drawn, found)


def client_at_the_app(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """Believes that a proxy passes packets on."""
    return _done(lab, drawn) | {"source_at_app": "client", "connections": "1"}


def sequence_acknowledged(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """Forgets that a SYN counts as one byte."""
    said = _done(lab, drawn)
    return said | {"syn_acknowledged": said["syn_sequence"]}


def swapped(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """Captures at the edge what should have been captured at the client."""
    said = _done(lab, drawn)
    file("client").write_bytes(file("edge").read_bytes())
    return said


def late(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """Begins to capture when the connection is open already."""
    said = _done(lab, drawn)
    with file("client").open("rb") as source:
        begin, all_ = source.read(packets.FILE_HEADER), list(packets.read(source))
    file("client").write_bytes(begin + b"".join(one.header + one.data for one in all_[HANDSHAKE:]))
    return said


def another_id(lab: RunningLab, drawn: Asked) -> dict[str, object]:
    """Sends a neighbour's request."""
    said = _done(lab, drawn)
    do(lab, replace(drawn, request_id="ex3-000000"))
    return said
