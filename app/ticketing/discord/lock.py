"""One notifier at a time for a webhook.

A lock on a file beside the SQLite database or, with PostgreSQL, beside the pictures' directory: it holds for
all containers that share that volume, and ends with its process, however that ends. What still keeps two runs
on different machines from sending the same ticket is the unique constraint on `Delivery`.
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import connection

from ticketing.discord.clock import Clock

RETRY = 0.1  # seconds


class AlreadyRunning(Exception):  # noqa: N818 - says what happened
    """Another process holds the lock."""


class LockError(Exception):
    """The lock's file can't be made; the text says where and why."""


@contextmanager
def only_one(webhook_id: str, clock: Clock, patience: float = 0.0) -> Iterator[None]:
    """Hold the webhook's lock.

    Raises AlreadyRunning if another process still does after `patience` seconds, or LockError.
    """
    path = Path(f"{_base()}.notify-{webhook_id}.lock")
    try:
        file = path.open("w")
    except OSError as error:
        raise LockError(f"{path}: {error.strerror}") from None
    with file:
        give_up = clock.monotonic() + patience
        while not _locked(file):
            if clock.stopping or clock.monotonic() >= give_up:
                raise AlreadyRunning
            clock.sleep(RETRY)
        yield


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _base() -> Path:
    name = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and name.is_absolute():
        return name
    if connection.vendor == "postgresql":
        return Path(settings.MEDIA_ROOT).parent / "ticketing"
    return Path(tempfile.gettempdir()) / "ticketing"
