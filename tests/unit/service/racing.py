"""A database of its own that several threads write to at once, as the lab's workers do."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.core.management import call_command
from django.db import connections

from drf_jwt_backend.databases import SQLITE, database, serving

Result = TypeVar("Result")

PATIENCE = 120  # s, for a lock


@contextmanager
def database_of_its_own(folder: Path, url: str | None = None) -> Iterator[None]:
    """Let `default` be a new database, with the service's settings, until the end of the block.

    An SQLite file in the folder, or a database of the PostgreSQL that `url` names (without one, what the
    tests run on).
    """
    kept, usual = connections["default"], connections.settings["default"]
    with _new(folder, url or os.environ["DATABASE_URL"]) as config:
        connections.settings["default"] = connections.configure_settings({"default": config})["default"]
        del connections["default"]
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connections["default"].close()
            connections.settings["default"] = usual
            connections["default"] = kept


@contextmanager
def _new(folder: Path, url: str) -> Iterator[dict[str, Any]]:
    if url.startswith("sqlite"):
        config = database(f"sqlite:///{folder / 'db.sqlite3'}")
        # SQLite's writers do not queue, they ask again: on a slow disk one of six can lose for longer than
        # the service waits. What is raced for here is the outcome, not the time.
        yield config | {"OPTIONS": config["OPTIONS"] | {"timeout": PATIENCE}}
        return
    import psycopg

    name = f"racing_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield serving(database(url), "", pool=0) | {"NAME": name}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def url_of_default() -> str:
    """Where `default` is."""
    config = connections["default"].settings_dict
    if config["ENGINE"] == SQLITE:
        return f"sqlite:///{config['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}?connect_timeout=60".format(**config)


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
