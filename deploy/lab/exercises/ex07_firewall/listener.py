"""The service that is to be reached: during the exercise it answers GET on a port of the app servers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab

NAME = "ticketlab-exercise-7"  # among a process's words, by which it is found again
SERVE = """import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
http.server.ThreadingHTTPServer(("", int(sys.argv[2])), Answer).serve_forever()"""
# The processes that have NAME among their words, found in /proc, where some vanish meanwhile: no host has a
# tool for it. In brackets, for the shell and grep have this text among theirs.
END = f"""for file in $(grep -lzx "[{NAME[0]}]{NAME[1:]}" /proc/[0-9]*/cmdline 2>/dev/null); do
    kill $(echo $file | cut -d/ -f3)
done"""
# Ends what an earlier start has left, starts anew, and waits until it listens: 0A in /proc/net/tcp is LISTEN.
START = f"""{END}
setsid --fork python3 -c "$0" {NAME} "$1" </dev/null >/dev/null 2>&1
for turn in $(seq 50); do
    grep -q ":$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp && exit 0
    sleep 0.1
done
exit 1"""


def start(lab: RunningLab, hosts: Sequence[str], port: int) -> None:
    """Have the hosts answer at a port, and at none of an earlier start; raises LabError (exit code 3)."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda host: _start(lab, host, port), hosts))


def ensure(lab: RunningLab, hosts: Sequence[str], port: int) -> None:
    """As `start`, where none listens: a host that was restarted has forgotten it."""
    start(lab, [host for host in hosts if not _has(lab, host, port)], port)


def end(lab: RunningLab, hosts: Sequence[str]) -> None:
    """End it, if it runs."""
    for host in hosts:
        lab.run(host, "sh", "-c", END)


def _start(lab: RunningLab, host: str, port: int) -> None:
    if lab.tried(host, "sh", "-c", START, SERVE, str(port)).returncode:
        said = f"nothing would listen on {host} at port {port}"
        raise LabError(f"{said}; try again after make restart HOST={host}", ExitCode.UNMEASURED)


def _has(lab: RunningLab, host: str, port: int) -> bool:
    return lab.tried(host, "grep", "-q", f":{port:04X} 00000000:0000 0A", "/proc/net/tcp").returncode == 0
