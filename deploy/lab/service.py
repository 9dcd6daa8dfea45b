"""The guide's three jobs (seed, load, notify), run on the lab's own hosts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lab.engine import exec_argv
from lab.errors import ExitCode, LabError
from lab.process import run
from lab.settings import Settings

FIXTURE = "/data/fixtures/generated_tickets.json"


def manage(settings: Settings, *words: str, stdin: Path | None = None) -> int:
    """Run a Django management command on app1, its output straight to the terminal; returns its exit code."""
    interactive = ["--interactive", "--tty"] if sys.stdout.isatty() and stdin is None else ["--interactive"]
    argv = exec_argv(settings.project, "app1", ["python", "manage.py", *words], options=interactive)
    if stdin is None:
        return subprocess.run(
            argv, check=False, stdin=None if sys.stdin.isatty() else subprocess.DEVNULL
        ).returncode
    with stdin.open("rb") as file:
        return subprocess.run(argv, check=False, stdin=file).returncode


def ticket_count(settings: Settings) -> int:
    """How many tickets the database holds."""
    code = "from ticketing.models import Ticket; print(Ticket.objects.count())"
    done = run(
        exec_argv(settings.project, "app1", ["python", "manage.py", "shell", "--verbosity", "0", "-c", code])
    )
    if done.returncode != 0:
        raise LabError("the database on app1 does not answer; see: make logs HOST=app1", ExitCode.UNMEASURED)
    return int(done.stdout.split()[-1])


def seed(settings: Settings, count: int, seed_number: int) -> int:
    """Write the fixture of `count` tickets into the lab's data volume."""
    return manage(
        settings, "generate_tickets", "--count", str(count), "--seed", str(seed_number), "--output", FIXTURE
    )


def load(settings: Settings, file: Path | None) -> int:
    """Load the seeded fixture, or a file of the VM, into the database."""
    if file is None:
        return manage(settings, "load_tickets", FIXTURE)
    if not file.is_file():
        raise LabError(f"there is no file {file}; name one: make load FILE=tickets.json", ExitCode.USAGE)
    return manage(settings, "load_tickets", "-", stdin=file)
