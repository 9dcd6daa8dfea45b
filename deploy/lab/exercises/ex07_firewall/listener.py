"""The service that is to be reached: during the exercise it answers GET on a port of the app servers."""

from __future__ import annotations

from collections.abc import Sequence

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab

NAME = "ticketlab-exercise-7"  # among a process's words, by which it is found again
SERVE = """import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
http.server.ThreadingHTTPServer(("", int(sys.argv[2])), Answer).serve_forever()"""
START = 'setsid --fork python3 -c "$1" "$2" "$3" </dev/null >/dev/null 2>&1'
# Whether it listens, told by /proc/net/tcp: no host has a tool for it. State 0A is LISTEN.
LISTENS = (
    'for _ in $(seq 50); do grep -q ":$1 00000000:0000 0A" /proc/net/tcp && exit 0; sleep 0.1; done; exit 1'
)
END = """import os, pathlib, signal, sys
for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    try:
        words = file.read_bytes().split(bytes(1))
    except OSError:
        continue
    if words[3:4] == [sys.argv[1].encode()] and int(file.parent.name) != os.getpid():
        os.kill(int(file.parent.name), signal.SIGTERM)"""


def start(lab: RunningLab, hosts: Sequence[str], port: int) -> None:
    """Have the hosts answer at a port, and at none of an earlier start."""
    for host in hosts:
        end(lab, [host])
        lab.run(host, "sh", "-c", START, "sh", SERVE, NAME, str(port))
        if not _listens(lab, host, port):
            raise LabError(f"nothing would listen on {host} at port {port}; make restart HOST={host}",
                           ExitCode.UNMEASURED)  # fmt: skip


def ensure(lab: RunningLab, hosts: Sequence[str], port: int) -> None:
    """As `start`, where none listens: a host that was restarted has forgotten it."""
    start(lab, [host for host in hosts if not _has(lab, host, port)], port)


def end(lab: RunningLab, hosts: Sequence[str]) -> None:
    """End it, if it runs."""
    for host in hosts:
        lab.run(host, "python3", "-c", END, NAME)


def _has(lab: RunningLab, host: str, port: int) -> bool:
    return lab.tried(host, "grep", "-q", f":{port:04X} 00000000:0000 0A", "/proc/net/tcp").returncode == 0


def _listens(lab: RunningLab, host: str, port: int) -> bool:
    return lab.tried(host, "sh", "-c", LISTENS, "sh", f"{port:04X}").returncode == 0
