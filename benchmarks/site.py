"""A database of our own in a directory, free ports, and the app's own commands, each with what it cost."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from lab import paths
from lab.dev.supervisor import LOOPBACK
from lab.errors import LabError
from lab.process import last_words, run


@dataclass(frozen=True)
class Cost:
    """Of one process, from start to end."""

    seconds: float
    cpu: float  # seconds, user and system
    peak: float  # resident memory at its highest (VmHWM), in MB


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nothing listens on, all different."""
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def environment(directory: Path, database: str = "db.sqlite3", **more: str) -> dict[str, str]:
    """The whole environment of the app with an SQLite file in `directory`."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "drf_jwt_backend.settings",  # the tests have their own
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{quote(str(directory / database))}",
        "SQLITE_TMPDIR": str(directory),
        **more,
    }


def argv(*words: str) -> list[str]:
    """The command line of a management command."""
    return [sys.executable, str(paths.ROOT / "app" / "manage.py"), *words]


def manage(settings: Mapping[str, str], *words: str, sent: str = "") -> str:
    """What a management command prints, with `sent` as its input; raises LabError if it fails."""
    done = run(argv(*words), stdin=sent, env=settings)
    if done.returncode:
        raise LabError(f"manage.py {words[0]} failed: {last_words(done)}")
    return done.stdout


def cost(settings: Mapping[str, str], *words: str) -> Cost:
    """What a management command costs; raises LabError if it fails."""
    begin = time.monotonic()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(sys.executable, argv(*words), settings, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise LabError(f"manage.py {' '.join(words)} failed; its message is above")
    return Cost(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
