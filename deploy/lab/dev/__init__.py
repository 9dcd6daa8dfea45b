"""`make dev`: the service without containers, as plain processes on this machine's loopback.

Nginx, two replicas of the app under Gunicorn, the live feed and the Discord stand-in run with the very
configuration files that the lab's containers have. Nothing here needs root, and nothing is left running
afterwards.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lab import paths
from lab.dev import programs
from lab.dev.state import DevState
from lab.dev.supervisor import LOOPBACK, Program, Supervisor
from lab.docs import build
from lab.errors import ExitCode, LabError

# Command -> the Debian package that has it.
NEEDED = {"nginx": "nginx-light", "setpriv": "util-linux", "tail": "coreutils"}


@dataclass(frozen=True)
class DevPorts:
    """Where on loopback each program listens."""

    edge: int = 8080
    apps: tuple[int, ...] = (8001, 8002)
    live: int = 8003
    discord: int = 8090

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> DevPorts:
        """EDGE_PORT, APP_PORTS (with commas), LIVE_PORT, DISCORD_PORT, where set.

        Raises `LabError` if one is no port.
        """
        chosen = cls(
            edge=_ports(environment, "EDGE_PORT", (cls.edge,), most=1)[0],
            apps=_ports(environment, "APP_PORTS", cls.apps, most=9),
            live=_ports(environment, "LIVE_PORT", (cls.live,), most=1)[0],
            discord=_ports(environment, "DISCORD_PORT", (cls.discord,), most=1)[0],
        )
        ports = [port for _setting, port in chosen.by_setting()]
        if len(set(ports)) < len(ports):
            raise LabError(
                "EDGE_PORT, APP_PORTS, LIVE_PORT and DISCORD_PORT name one port twice; give each its own",
                ExitCode.USAGE,
            )
        return chosen

    def by_setting(self) -> list[tuple[str, int]]:
        """Each port with the name of the setting that moves it."""
        apps = [("APP_PORTS", port) for port in self.apps]
        return [
            ("EDGE_PORT", self.edge),
            *apps,
            ("LIVE_PORT", self.live),
            ("DISCORD_PORT", self.discord),
        ]


def run_dev(ports: DevPorts | None = None, directory: Path | None = None) -> None:
    """Prepare what is missing, start everything, show the logs, and stop everything on Ctrl-C.

    Raises `LabError` if something cannot start, or has ended by itself; then the rest is stopped too.
    """
    ports = ports or DevPorts.from_environment(os.environ)
    console = Console(highlight=False, markup=False)
    check_commands()
    check_ports(ports)
    state = DevState(directory or paths.state() / "dev")
    environment = state.app_environment(ports.discord)
    with _interruptible(), Supervisor() as supervisor:
        console.print("Preparing the database, 1,300 tickets and the static files …")
        state.prepare(environment)
        build.stand_in()
        started = all_programs(ports, state, environment)
        for program in started:
            supervisor.start(program)
        supervisor.wait_until_ready()
        console.print(_panel(ports, state, state.write_environment_file(environment)), soft_wrap=True)
        supervisor.start(programs.tail([program.log for program in started if program.log]))
        supervisor.follow()
    console.print("Everything is stopped.")


def check_commands() -> None:
    """Raise `LabError` if a command that we start is not installed."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin"  # start.sh looks there for nginx too
    for command, package in NEEDED.items():
        if shutil.which(command, path=path) is None:
            raise LabError(
                f"{command} is not installed; run: sudo apt-get install {package}", ExitCode.UNMEASURED
            )


def check_ports(ports: DevPorts) -> None:
    """Raise `LabError` if something listens already where one of our programs would."""
    for setting, port in ports.by_setting():
        with socket.socket() as probe:
            # As servers do: a port whose last connections are only just closed is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                raise LabError(
                    f"port {port} on {LOOPBACK} cannot be used ({error.strerror}); stop what has it "
                    f"(ss -ltnp 'sport = :{port}' shows it) or choose another with make dev {setting}=…"
                ) from error


def all_programs(ports: DevPorts, state: DevState, environment: Mapping[str, str]) -> list[Program]:
    """The stand-in, the replicas, the feed and the edge, in the order in which they start."""
    return [
        programs.discord(ports.discord, state.discord_environment(), state.log("discord")),
        *(programs.app(port, environment, state.log(f"app-{port}")) for port in ports.apps),
        programs.live(ports.live, environment, state.log("live")),
        programs.edge(
            ports.edge,
            ports.apps,
            state.static_root,
            state.media_root,
            state.edge_run_dir,
            state.log("nginx"),
            live=ports.live,
            docs=build.site(),
        ),
    ]


@contextmanager
def _interruptible() -> Iterator[None]:
    """A closed terminal or a `kill` stops the programs as Ctrl-C does; none of them is an error."""
    # Ctrl-C too, since a shell starts what is in its background with SIGINT ignored.
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _panel(ports: DevPorts, state: DevState, environment_file: Path) -> str:
    base = f"http://localhost:{ports.edge}"
    rows = [
        ("service", f"{base}/api/"),
        ("reference", f"{base}/api/docs/"),
        ("live feed", f"{base}/api/live/"),
        ("replicas", "  ".join(f"{LOOPBACK}:{port}" for port in ports.apps)),
        ("discord", f"http://localhost:{ports.discord}/"),
        *(("user", f"{user.username}  {user.password}") for user in state.users()),
        ("manage.py", f"set -a; . {environment_file}; .venv/bin/python app/manage.py notify_discord"),
        ("logs", f"{state.logs}/, and below; Ctrl-C stops everything"),
    ]
    return "\n".join(f"{label:<11}{text}" for label, text in rows)


def _ports(environment: Mapping[str, str], name: str, default: tuple[int, ...], most: int) -> tuple[int, ...]:
    text = environment.get(name)
    if not text:
        return default
    words = text.split(",")
    if len(words) > most or not all(
        word.isascii() and word.isdigit() and 1 <= int(word) <= 65535 for word in words
    ):
        form = "a port from 1 to 65535" if most == 1 else "ports from 1 to 65535 with commas between"
        raise LabError(f"{name} must be {form}, but '{text}' is not", ExitCode.USAGE)
    return tuple(int(word) for word in words)
