"""A database file that several threads write to at once, as the lab's workers do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.core.management import call_command
from django.db import connections

from drf_jwt_backend.databases import database

Result = TypeVar("Result")


@contextmanager
def database_file(path: Path) -> Iterator[None]:
    """Let `default` be an SQLite file of its own, with the service's settings, until the end of the block."""
    kept, usual = connections["default"], connections.settings["default"]
    connections.settings["default"] = connections.configure_settings(
        {"default": database(f"sqlite:///{path}")}
    )["default"]
    del connections["default"]
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = usual
        connections["default"] = kept


def at_once(work: Callable[[], Result], times: int) -> list[Result]:
    """What `work` gives in so many threads that all begin at the same moment."""
    barrier = threading.Barrier(times)

    def one() -> Result:
        barrier.wait()
        try:
            return work()
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(times)]]
