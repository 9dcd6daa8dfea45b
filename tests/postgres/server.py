"""A PostgreSQL of its own on loopback, from the lab's image: `python -m tests.postgres.server WORDS…`.

Runs the words with DATABASE_URL set to it, and ends with their exit code. Nothing of it stays.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab import images, paths
from lab.engine import docker
from lab.errors import ExitCode, LabError

HBA = Path(__file__).with_name("pg_hba.conf")
PATIENCE = 60.0  # seconds
# It need not outlive the power, and so need not wait for the disk.
HASTE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "log_checkpoints=off",
    "max_connections=100",
)


@contextmanager
def server() -> Iterator[str]:
    """A server, and the URL of a database on it whose role may make others. Raises LabError.

    On a machine that is busy with other tests, a connection may take its time.
    """
    images.build_all(print, only=("db",))
    port, password = _free_port(), secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="ticketlab-postgres-") as folder:
        secret = Path(folder) / "password"
        secret.write_text(password)
        secret.chmod(0o644)  # its folder keeps others out; the engine reads it as root
        container = docker(*_run_words(secret, port)).strip()
        try:
            _wait(container, port)
            ask(container, port, "ALTER ROLE ticketing CREATEDB")
            yield f"postgres://ticketing:{password}@127.0.0.1:{port}/ticketing?connect_timeout=60"
        finally:
            docker("rm", "--force", "--volumes", container)


def ask(container: str, port: int, statement: str) -> str:
    """What the administrator's psql on the server says to a statement."""
    words = ("psql", "--port", str(port), "--no-align", "--tuples-only", "--command", statement)
    return docker("exec", container, *words)


def _run_words(secret: Path, port: int) -> list[str]:
    reach = (
        "max_connections=100",
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "hba_file=/tests/pg_hba.conf",
    )
    return [
        *("run", "--detach", "--init", "--network", "host", "--read-only", "--cap-drop", "ALL"),
        *("--label", "ticketlab.tests=postgres"),
        *("--shm-size", "128m", "--tmpfs", "/tmp", "--tmpfs", "/run/postgresql:mode=700,uid=10005"),  # noqa: S108
        *("--tmpfs", "/var/lib/db:mode=700,uid=10005"),
        *("--volume", f"{paths.ROOT / 'deploy/database'}:/etc/lab/database:ro"),
        *("--volume", f"{HBA}:/tests/pg_hba.conf:ro", "--volume", f"{secret}:/run/secrets/password:ro"),
        *("--env", "DATABASE_PASSWORD_FILE=/run/secrets/password"),
        images.name("db"),
        *(word for setting in (*reach, *HASTE) for word in ("-c", setting)),
    ]  # fmt: skip


def _wait(container: str, port: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            docker("exec", container, "pg_isready", "--quiet", "--port", str(port))
        except LabError:
            if time.monotonic() > give_up:
                said = docker("logs", "--tail", "5", container).strip()
                raise LabError(f"PostgreSQL does not come up in {PATIENCE:.0f} s: {said}") from None
            time.sleep(0.2)
        else:
            return


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main(words: list[str]) -> int:
    """Run the words beside a server; their exit code. Without a server: loud words, and 3 with CI=true."""
    with ExitStack() as there:
        try:
            url = there.enter_context(server())
        except LabError as error:
            print(f"ticketlab: NO POSTGRESQL, SO NOTHING WAS TRIED ON IT: {error}", file=sys.stderr)
            return ExitCode.UNMEASURED if os.environ.get("CI") == "true" else ExitCode.PASSED
        return subprocess.run(words, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
