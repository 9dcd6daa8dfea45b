"""Real Nginx before real Gunicorns on free loopback ports, started as `make dev` starts them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.site import free_ports
from lab import paths
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from tests.absent import absent
from tests.edge.client import Edge

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def _nginx() -> None:
    if shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") is None:
        absent("NGINX IS NOT INSTALLED, so nothing at the edge is tested: apt-get install nginx-light")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Return as soon as the condition holds; fail when it still does not after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.02)


def wait_until_steady(condition: Callable[[], bool], times: int = 20) -> None:
    """Return when the condition has held so many times in a row, 20 ms apart.

    After a reload Nginx's old workers accept connections beside the new ones for some 100 ms.
    """
    in_a_row = 0

    def steady() -> bool:
        nonlocal in_a_row
        in_a_row = in_a_row + 1 if condition() else 0
        return in_a_row == times

    wait_until(steady, seconds=20)


def start_echo_edge(
    supervisor: Supervisor, directory: Path, environment: Mapping[str, str] | None = None
) -> Edge:
    """Nginx before two Gunicorns, with the app's own configuration, that run tests/edge/echo.py.

    `environment` is added to Nginx's.
    """
    edge_port, *app_ports = free_ports(3)
    static = directory / "static root"
    static.mkdir()
    (static / "style.css").write_text("body { color: black }\n" * 200)
    log = directory / "nginx.log"
    processes = {}
    for port in app_ports:
        program = programs.app(port, {"PYTHONPATH": str(HERE)}, directory / f"{port}.log")
        processes[port] = supervisor.start(replace(program, argv=[*program.argv[:-1], "echo:app"]))
    nginx = programs.edge(edge_port, app_ports, static, directory / "media", directory / "run", log)
    supervisor.start(replace(nginx, environment={**nginx.environment, **(environment or {})}))
    supervisor.wait_until_ready()
    return Edge(edge_port, log, processes)


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The echo edge, shared by all tests that leave it as it was."""
    with Supervisor() as supervisor:
        yield start_echo_edge(supervisor, tmp_path_factory.mktemp("edge"))


@pytest.fixture
def own_edge(tmp_path: Path) -> Iterator[Edge]:
    """An echo edge for one test that breaks something."""
    with Supervisor() as supervisor:
        yield start_echo_edge(supervisor, tmp_path)


@dataclass(frozen=True)
class Site(Edge):
    """A running `make dev`: its process, the ports of the other programs, and its directory."""

    process: subprocess.Popen[bytes]
    live_port: int
    discord_port: int
    directory: Path

    @property
    def docs(self) -> Path:
        """The folder of the docs as a site: nothing but the page that stands in for them."""
        return self.directory.parent / "docs/html"

    def users(self) -> dict[str, str]:
        """Passwords by user name."""
        users = json.loads((self.directory / "users.json").read_text())
        return {user["username"]: user["password"] for user in users}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that tests share which leave its tickets as they were."""
    with serving_site(tmp_path_factory.mktemp("site")) as shared:
        yield shared


@contextmanager
def serving_site(state: Path) -> Iterator[Site]:
    """The real app behind the edge, with its 1,300 tickets, as `make dev` starts it; `state` is its own."""
    ports = edge_port, live_port, discord_port, *app_ports = free_ports(5)
    environment = {  # ours alone: pytest's own has the settings that unit tests want
        "PATH": os.environ["PATH"],
        "LAB_STATE": str(state),
        "EDGE_PORT": str(edge_port),
        "APP_PORTS": ",".join(str(port) for port in app_ports),
        "LIVE_PORT": str(live_port),
        "DISCORD_PORT": str(discord_port),
        "THROTTLE_FILE_TICKET": "3/min",
        "PYTHONPATH": str(paths.ROOT / "deploy"),
    }
    output = state / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", "from lab.dev import run_dev; run_dev()"],
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "Ctrl-C" in output.read_text() or process.poll() is not None, seconds=60)
        assert process.poll() is None, output.read_text()
        directory = state / "dev"
        log = directory / "logs" / "nginx.log"
        yield Site(edge_port, log, dict.fromkeys(app_ports, 0), process, live_port, discord_port, directory)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert process.returncode == 0, output.read_text()
    assert output.read_text().endswith("Everything is stopped.\n")
    assert not [port for port in ports if listens(port)]
