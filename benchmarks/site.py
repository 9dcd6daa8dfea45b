"""A database of our own in a directory, and the app's own commands on it, each with what it cost."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from lab import paths


@dataclass(frozen=True)
class Cost:
    """Of one process, from start to end."""

    seconds: float
    cpu: float  # seconds, user and system
    peak: float  # resident memory at its highest (VmHWM), in MB


def environment(directory: Path, **more: str) -> dict[str, str]:
    """The whole environment of the app with an SQLite file in `directory`."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "drf_jwt_backend.settings",  # the tests have their own
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{quote(str(directory / 'db.sqlite3'))}",
        "SQLITE_TMPDIR": str(directory),
        **more,
    }


def manage(settings: Mapping[str, str], *words: str) -> Cost:
    """Run a management command; raises RuntimeError if it fails."""
    argv = [sys.executable, str(paths.ROOT / "app" / "manage.py"), *words]
    begin = time.monotonic()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(sys.executable, argv, settings, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"manage.py {' '.join(words)} failed; its message is above")
    return Cost(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
