"""The service and its peers as running servers, each with its own copy of the data."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.service import data
from benchmarks.site import free_ports
from lab import paths
from lab.dev import programs
from lab.dev.supervisor import LOOPBACK, Program, Supervisor
from lab.errors import LabError

WORKERS, THREADS = 2, 4  # as the service's replicas in the lab
LIST = "/api/tickets/"
SERVICE = "service"
PEERS = ("guide", "stock", "ninja", "fastapi", "floor")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens on loopback."""

    name: str
    port: int
    pid: int

    def ask(self, method: str, path: str, token: str = "", body: object = None) -> tuple[int, Any]:
        """Status and content of one answer (None for what is not JSON)."""
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        with closing(HTTPConnection(LOOPBACK, self.port, timeout=60)) as connection:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text, kind = answer.read(), answer.headers.get_content_type()
        return answer.status, json.loads(text) if kind == "application/json" else None

    def token(self, username: str) -> str:
        """A fresh access token (the service's; its peers accept it). Raises LabError."""
        status, content = self.ask(
            "POST", "/api/token/", body={"username": username, "password": data.PASSWORD}
        )
        if status != 200:
            raise LabError(f"{self.name} gave {username} no token: {status} {content}")
        return str(content["access"])

    def newest(self, token: str) -> int:
        """The id of the first ticket of the list. Raises LabError."""
        status, content = self.ask("GET", LIST, token)
        if status != 200 or not content["results"]:
            raise LabError(f"{self.name} shows no tickets: {status}")
        return int(content["results"][0]["id"])


def shared_settings(scratch: Path) -> dict[str, str]:
    """The environment that the servers of one run share: one key, so that they accept the same tokens."""
    roots = {"STATIC_ROOT": str(scratch / "static"), "MEDIA_ROOT": str(scratch / "media")}
    return {"SECRET_KEY": secrets.token_urlsafe(48), **roots}


@contextmanager
def running(
    databases: Mapping[str, tuple[str, Path]], settings: Mapping[str, str], scratch: Path
) -> Iterator[dict[str, Server]]:
    """Start servers; name -> (which program, the SQLite file that it gets a copy of).

    Raises LabError when one does not start.
    """
    ports = dict(zip(databases, free_ports(len(databases)), strict=True))
    with Supervisor() as supervisor:
        servers = {}
        for name, (kind, original) in databases.items():
            copy = data.copy(original, scratch / f"{name}.sqlite3", wal=kind not in ("guide", "stock"))
            environment = {**settings, "DATABASE_URL": f"sqlite:///{copy}"}
            program = _program(kind, ports[name], environment, scratch / f"{name}.log")
            servers[name] = Server(name, ports[name], supervisor.start(program))
        supervisor.wait_until_ready()
        yield servers


def _program(kind: str, port: int, environment: Mapping[str, str], log: Path) -> Program:
    """The service as the lab starts it, or one of its peers."""
    settings = "drf_jwt_backend" if kind == SERVICE else f"benchmarks.peers.{kind}"
    added = {
        **environment,
        "DJANGO_SETTINGS_MODULE": f"{settings}.settings",
        "PYTHONPATH": f"{paths.ROOT / 'app'}:{paths.ROOT}",
    }
    service = programs.app(port, added, log)
    added |= {**service.environment, "WEB_WORKERS": str(WORKERS), "WEB_THREADS": str(THREADS)}
    return replace(service, name=kind, argv=_argv(kind, port, service.argv), environment=added)


def _argv(kind: str, port: int, gunicorn: Sequence[str]) -> Sequence[str]:
    if kind == SERVICE:
        return gunicorn
    if kind == "guide":
        # Without the reloader, which would look at all files once a second while others are measured.
        return [sys.executable, "-m", "django", "runserver", "--noreload", f"{LOOPBACK}:{port}"]
    if kind == "fastapi":
        where = ["--host", LOOPBACK, "--port", str(port), "--workers", str(WORKERS)]
        quick = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        return [sys.executable, "-m", "uvicorn", "benchmarks.peers.fastapi.api:app", *where, *quick]
    return [*gunicorn[:-1], "benchmarks.peers.wsgi:application"]
