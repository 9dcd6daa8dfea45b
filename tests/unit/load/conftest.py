"""Locust in processes of its own: importing it would patch the sockets and threads of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.unit.load.stub import Stub, serving

LOCUSTFILES = Path(__file__).parents[3] / "locustfiles"
SCENARIOS = Path(__file__).parent / "scenarios"
USERS = [
    {"username": "agent1", "password": "secret-1", "role": "agent"},
    {"username": "teacher", "password": "secret-2", "role": "instructor"},
    {"username": "agent2", "password": "secret-3", "role": "agent"},
]


@dataclass(frozen=True)
class Finished:
    """A Locust process at its end."""

    code: int
    output: str
    errors: str
    stats: list[dict[str, Any]]  # Locust's own, one entry for each kind of request

    @property
    def verdict(self) -> str:
        return self.output.rstrip().rpartition("\n")[2]

    def total(self, what: str) -> int:
        return sum(entry[what] for entry in self.stats)


class Locust:
    """Starts Locust in the directory of the scenarios, as the lab does, with only the settings given."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = iter(range(100))
        users = directory / "users.json"
        users.write_text(json.dumps(USERS))
        ambient = {k: v for k, v in os.environ.items() if not k.startswith(("LAB_", "LOCUST_"))}
        self.environment = {
            **ambient,
            "LAB_USERS_FILE": str(users),
            "LOCUST_LOCUSTFILE": "browse.py",  # unless a test names another
            "PYTHONPATH": str(LOCUSTFILES),
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, **settings: str) -> Callable[[], Finished]:
        """Start it; the returned function waits for its end."""
        stats = self._directory / f"stats-{next(self._numbers)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "locust", "--json-file", str(stats), *arguments],
            cwd=LOCUSTFILES,
            env={**self.environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)

        def finish() -> Finished:
            output, errors = process.communicate(timeout=60)
            file = stats.with_name(f"{stats.name}.json")
            entries = json.loads(file.read_text()) if file.exists() else []
            return Finished(process.returncode, output, errors, entries)

        return finish

    def run(self, *arguments: str, **settings: str) -> Finished:
        """Start it headless and wait for its end."""
        return self.start("--headless", *arguments, **settings)()


@pytest.fixture
def locust(tmp_path: Path) -> Iterator[Locust]:
    runner = Locust(tmp_path)
    yield runner
    for process in runner.started:
        process.kill()
        process.communicate()


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving() as server:
        yield server
