"""Real Nginx before two real Gunicorns with the real app, and the books that both ends keep of requests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.site import environment, free_ports, manage
from lab import paths
from lab.dev import programs
from lab.dev.supervisor import Program, Supervisor
from tests.edge.client import Edge

HERE = Path(__file__).parent
LOG_IN = "log-in"  # the id of the one request that comes past Nginx
USER = {"username": "fuzzer", "password": "no-dictionary-has-it-5", "role": "agent"}

# $request_body is what Nginx took for the body and passed on: it is in memory, since no body is over 64 kB.
BOOK = """
    log_format book escape=json
        '{"id": "$edge_request_id", "port": "$remote_port", "method": "$request_method", '
        '"uri": "$request_uri", "protocol": "$server_protocol", "status": $status, '
        '"upstream": "$upstream_addr", "upstream_status": "$upstream_status", '
        '"cache": "$upstream_cache_status", "recorded": "$upstream_http_x_recorded", '
        '"body": "$request_body"}';
"""
AFTER = "include rendered/access_log.conf;"


class Book:
    """A log of one JSON object a line, read on from where the last reading ended."""

    def __init__(self, path: Path) -> None:
        self.path, self._read = path, 0

    def new(self) -> list[dict[str, Any]]:
        """The lines that are there since the last time."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line.decode("latin-1")) for line in whole.splitlines()]


@dataclass(frozen=True)
class FuzzedSite:
    """A running site: its edge, its programs' process ids, its books and its logs."""

    edge: Edge
    masters: Sequence[int]
    nginx_book: Book
    app_book: Book
    logs: Sequence[Path]
    token: str

    def processes(self) -> list[int]:
        """Nginx's and the Gunicorns' own ids and those of their workers, sorted."""
        found = list(self.masters)
        for master in self.masters:
            children = map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())
            # Nginx' cache loader ends after a minute, its work done.
            found += [
                child for child in children if b"loader" not in Path(f"/proc/{child}/cmdline").read_bytes()
            ]
        return sorted(found)


@contextmanager
def fuzzed_site(
    directory: Path,
    settings: Mapping[str, str],
    *,
    nginx: Mapping[str, str] | None = None,
    gunicorn: Sequence[str] = (),
    application: str = "tests.edge.fuzzing.recorder:app",
) -> Iterator[FuzzedSite]:
    """Start it in `directory`, with the settings that `database` made.

    For planting a weakness: texts of Nginx's configuration to replace, words for Gunicorn's command line, and
    another application.
    """
    edge_port, *app_ports = free_ports(3)
    records = directory / "app.book"
    logs = [directory / f"{name}.log" for name in ("nginx", *app_ports)]
    masters = []
    with Supervisor() as supervisor:
        for port, log in zip(app_ports, logs[1:], strict=True):
            program = programs.app(
                port, {**settings, "RECORD_FILE": str(records), "PYTHONPATH": _path()}, log
            )
            program = replace(program, argv=[*program.argv[:-1], *gunicorn, application])
            masters.append(supervisor.start(program))
        edge = programs.edge(edge_port, app_ports, directory, directory, directory / "run", logs[0])
        masters.append(supervisor.start(_with_book(edge, directory, nginx or {})))
        supervisor.wait_until_ready()
        site = Edge(edge_port, logs[0], dict.fromkeys(app_ports, 0))
        credentials = json.dumps({name: USER[name] for name in ("username", "password")}).encode()
        replica = replace(site, port=app_ports[0])  # log in past Nginx, in which something may be planted
        headers = {"Content-Type": "application/json", "X-Request-ID": LOG_IN}
        answer = replica.ask("/api/token/", "POST", headers, credentials)
        yield FuzzedSite(
            site, masters, Book(directory / "nginx.book"), Book(records), logs, answer.json["access"]
        )


def _path() -> str:
    return f"{paths.ROOT}:{paths.ROOT / 'app'}"


def database(directory: Path, tickets: int = 20) -> dict[str, str]:
    """The settings of the app with a database in `directory` that has one user and so many tickets."""
    settings = environment(directory, NUM_PROXIES="1", MEDIA_ROOT=str(directory / "media"))
    users, fixture = directory / "users.json", directory / "tickets.json"
    users.write_text(json.dumps([USER]))
    manage(settings, "migrate", "--verbosity", "0")
    manage(settings, "ensure_users", str(users))
    manage(settings, "generate_tickets", "--count", str(tickets), "--output", str(fixture))
    manage(settings, "load_tickets", str(fixture))
    return settings


def _with_book(edge: Program, directory: Path, changes: Mapping[str, str]) -> Program:
    """The program with a second access log, and with the changes to its configuration."""
    config = Path(shutil.copytree(paths.ROOT / "nginx", directory / "nginx"))
    log = f"{AFTER}\n{BOOK}    access_log {directory / 'nginx.book'} book;"
    for old, new in {AFTER: log, **changes}.items():
        (file,) = [path for path in config.glob("*.conf") if old in path.read_text()]
        file.write_text(file.read_text().replace(old, new))
    return replace(edge, argv=[str(config / "start.sh")])
