"""A database file of an earlier version of the kit, brought up to this one before anybody uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from ticketing.backup.manifest import BadBackup


def bring_up_to_date(database: Path) -> bool:
    """Apply the migrations that the file lacks; returns whether there were any. Raises BadBackup."""
    if _manage(database, "migrate", "--check", "--verbosity", "0").returncode == 0:
        return False
    done = _manage(database, "migrate", "--noinput", "--verbosity", "0")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise BadBackup(f"it is of an earlier version, and cannot be brought up to date ({last})")
    return True


def _manage(database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command on the file, in a process of its own: this one has the database in use."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL_FILE"}
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        env={**environment, "DATABASE_URL": f"sqlite:///{quote(str(database))}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
