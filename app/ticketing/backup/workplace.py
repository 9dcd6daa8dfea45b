"""Where a backup is made or taken apart: one at a time, and nothing is left of it."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drf_jwt_backend.outages import NO_ROOM
from ticketing.backup.manifest import BadBackup
from ticketing.backup.pictures import root

_PREFIX = ".backup-"
_SPARE = 2**20  # bytes


@contextmanager
def workplace() -> Iterator[Path]:
    """A new folder on the pictures' file system (on a full one, in memory).

    Raises BadBackup if another backup is under way.
    """
    root().mkdir(parents=True, exist_ok=True)
    with (root() / ".one-backup-at-a-time").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadBackup("another backup is being made or restored; wait until it is done") from None
        for left in root().glob(f"{_PREFIX}*"):  # of one that was killed
            shutil.rmtree(left)
        with _folder() as folder:
            yield Path(folder)


def _folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix=_PREFIX, dir=root())
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        return tempfile.TemporaryDirectory(prefix=_PREFIX)


@contextmanager
def room_for(size: int, folder: Path) -> Iterator[Path]:
    """A folder with so many bytes of room: `folder`, or on a full disk one in memory.

    A full disk is when a backup is wanted most. Raises BadBackup if there is room nowhere.
    """
    if _free(folder) > size + _SPARE:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as elsewhere:
        if _free(Path(elsewhere)) < size + _SPARE:
            free = (
                f"{_free(folder) // 2**20:,} MiB free, and a copy of the database takes {size // 2**20 + 1:,}"
            )
            raise BadBackup(f"the disk has {free}; make room first")
        yield Path(elsewhere)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
