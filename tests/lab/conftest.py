"""A lab of its own for these tests: other project, addresses, bridges and ports than the lab in use."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab import engine, paths, settings, topology
from lab.engine import docker
from lab.errors import LabError
from lab.topology import Topology
from tests.absent import absent

OVERRIDES = {
    "COMPOSE_PROJECT_NAME": "ticketlab-test",
    "LAB_PREFIX": "10.99",
    "LAB_INTERNET": "198.18.99",
    "LAB_BRIDGES": "tltest",
    "ALLOWED_HOSTS": "10.99.10.1,localhost,127.0.0.1",
    "EDGE_PORT": "18080",
    "EDGE_TLS_PORT": "18443",
    "LOCUST_PORT": "18089",
    "DISCORD_PORT": "18090",
    # Ten times Discord's pace, in the same proportions, so that 1,300 tickets take seconds.
    "DISCORD_WEBHOOK_LIMIT": "25/1",
    "DISCORD_CHANNEL_LIMIT": "30/6",
}


@dataclass(frozen=True)
class Lab:
    """The running test lab."""

    environment: dict[str, str]
    plan: Topology

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A `lab` command, its output captured."""
        return subprocess.run(
            [paths.ROOT / ".venv/bin/lab", *words],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def state(self, name: str) -> Path:
        """A file of the lab's state folder."""
        return Path(self.environment["LAB_STATE"]) / name

    def on(self, host: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command on one of the lab's hosts."""
        return self.run("shell", host, "--", *words)

    def output(self, host: str, *words: str) -> str:
        """What a command on a host prints; the command must succeed."""
        done = self.on(host, *words)
        assert done.returncode == 0, f"{host}: {' '.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    def counters(self) -> dict[str, int]:
        """The router's named counters, in packets."""
        listed = json.loads(self.output("router", "nft", "-j", "list", "counters"))["nftables"]
        return {item["counter"]["name"]: item["counter"]["packets"] for item in listed if "counter" in item}

    def fetch(self, path: str, *options: str, host: str = "client") -> tuple[int, str]:
        """GET (or whatever the curl options say) from a host through the edge: status code and body."""
        url = f"http://{self.plan.address('edge')}{path}"
        printed = self.output(host, "curl", "-sS", "-m", "20", "-w", "\n%{http_code}", *options, url)
        body, _, status = printed.rpartition("\n")
        return int(status), body

    def token(self, username: str) -> str:
        """An access token for one of the lab's users."""
        users = json.loads(self.state("secrets/users.json").read_text())
        (user,) = (user for user in users if user["username"] == username)
        login = {"username": username, "password": user["password"]}
        status, body = self.fetch(
            "/api/token/", "-H", "Content-Type: application/json", "-d", json.dumps(login)
        )
        assert status == 200, body
        return str(json.loads(body)["access"])


def environment_of(folder: Path, overrides: dict[str, str]) -> dict[str, str]:
    """An environment in which `lab` works on the lab that `overrides` describes, its state in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = paths.ENV_EXAMPLE.read_text()
    for name, value in overrides.items():
        text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    (folder / "env").write_text(text)
    return {**os.environ, "LAB_STATE": str(folder), "LAB_ENV_FILE": str(folder / "env"), "COLUMNS": "100"}


@pytest.fixture
def leaves_no_tickets(lab: Lab) -> Iterator[None]:
    """For a test that files tickets: the seeded ones have numbers to 1,300, and others look for those."""
    yield
    forget = "from ticketing.models import Ticket; Ticket.objects.filter(pk__gt=1300).delete()"
    lab.output("app1", "python", "manage.py", "shell", "-v0", "-c", forget)


@pytest.fixture(scope="session")
def _engine() -> None:
    """A container engine, as the lab itself finds it: for a user who is not in the group docker by sudo."""
    try:
        engine.clients()
    except LabError as error:
        absent(f"NO CONTAINER ENGINE CAN BE HAD HERE: THE LAB TESTS DID NOT RUN ({error})")


@pytest.fixture(scope="session")
def lab(_engine: None) -> Iterator[Lab]:
    """The lab, up from nothing and empty; taken down, with its volumes, at the end."""
    environment = environment_of(paths.ROOT / ".lab/test", OVERRIDES)
    given = {**settings.defaults(), **OVERRIDES}
    lab = Lab(environment, topology.read(given))
    _remove(lab)
    done = lab.run("up")
    assert done.returncode == 0, done.stdout + done.stderr
    yield lab
    _remove(lab)


def _remove(lab: Lab) -> None:
    lab.run("down")
    volumes = labelled("volume", "ls", "--quiet")
    if volumes:
        docker("volume", "rm", *volumes)


def labelled(*listing: str) -> Sequence[str]:
    """What carries the test project's label, from an engine's listing command."""
    return docker(*listing, "--filter", "label=com.docker.compose.project=ticketlab-test").split()
