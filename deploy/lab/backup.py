"""Backups of the lab's database and pictures, as files on the VM, and the way back."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from lab import health, lifecycle, paths
from lab.engine import compose, container, exec_argv, once_argv
from lab.errors import ExitCode, LabError
from lab.process import run
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology

Say = Callable[[str], None]
# Argv of a command of the app's manage.py, on a host that runs or in a container made for it.
Command = Callable[[Sequence[str]], list[str]]
# Who has the database open: they are stopped while another one takes its place.
USERS = ("app1", "app2", "app3", "live", "notifier")


@dataclass(frozen=True)
class Backup:
    """A backup on the VM, and what is in it."""

    path: Path
    size: int  # bytes
    kit: str
    made_at: str
    tickets: int
    rows: int
    pictures: int
    missing: int  # pictures that tickets name, and that were not there

    def __str__(self) -> str:
        """What a user is told."""
        lost = f" ({self.missing} more are named and are not there)" if self.missing else ""
        return (
            f"{self.path}: {self.size / 2**20:.1f} MiB, {self.tickets:,} tickets, {self.rows:,} rows in all, "
            f"{self.pictures:,} pictures{lost}"
        )


def make(to: Path | None, say: Say) -> Backup:
    """Write a backup while the service goes on, read it back, and only then give it its name.

    `to` is a folder, or a file that is not there yet; without it the folder is `backups`.
    """
    settings, _ = lifecycle.current()
    container(settings.project, "app1")
    path = _place(to, "ticketlab")
    say(f"writing {path} while the service goes on")
    return _make(path, lambda words: exec_argv(settings.project, "app1", words, options=["--interactive"]))


def restore(file: Path, say: Say) -> tuple[Backup, Backup]:
    """Put a backup in the place of all that is there; returns it and the safety backup of what was there.

    A file that cannot be restored is refused before anything is stopped. Whatever goes wrong later, the old
    data is what serves afterwards.
    """
    if not file.is_file():
        raise LabError(f"there is no file {file}; make restore FILE=backups/… names one", ExitCode.USAGE)
    settings, plan = lifecycle.current()
    container(settings.project, "app1")
    say(f"checking {file}")
    chosen = _check(file, lambda words: exec_argv(settings.project, "app1", words, options=["--interactive"]))
    users = [name for name in lifecycle.services(settings, plan) if name in USERS]
    say(f"stopping {', '.join(users)}")
    try:
        compose(settings.project, "stop", "--timeout", "25", *users)

        def once(words: Sequence[str]) -> list[str]:
            return once_argv(settings.project, ONE_SHOT, words)

        safety = _make(_place(None, "before-restore"), once)
        say(f"kept what was there in {safety.path}")
        with file.open("rb") as source:
            _tell(_run(once(_manage("restore_backup", "-")), stdin=source), f"restore of {file}", file)
    finally:
        say(f"starting {', '.join(users)}")
        _start(settings, plan, users, say)
    return chosen, safety


def _start(settings: Settings, plan: Topology, users: Sequence[str], say: Say) -> None:
    """With migrate, which gives the lab's users the passwords of .env again."""
    compose(settings.project, "up", "--detach", "--no-build", ONE_SHOT, *users)
    health.wait_for_database(settings.project, say)
    health.wait(settings.project, plan, users, say)


def _make(path: Path, command: Command) -> Backup:
    with _whole(path) as part:
        with part.open("wb") as out:
            done = _run(command(_manage("write_backup", "-", "--kit", _kit())), stdout=out)
            os.fsync(out.fileno())
        _tell(done, "backup", path)
        return _check(part, command, path)


def _check(file: Path, command: Command, name: Path | None = None) -> Backup:
    """Read a file to its end, by the app's own reader; `name` is what it will be called."""
    with file.open("rb") as source:
        facts = json.loads(_tell(_run(command(_manage("check_backup", "-")), stdin=source), "check", file))
    return Backup(
        path=name or file,
        size=file.stat().st_size,
        **{key: facts[key] for key in ("kit", "made_at", "tickets", "rows", "pictures", "missing")},
    )


def _manage(*words: str) -> list[str]:
    return ["python", "manage.py", *words]


def _run(argv: Sequence[str], **streams: object) -> subprocess.CompletedProcess[bytes]:
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(argv, check=False, **given)  # type: ignore[call-overload,no-any-return]


def _tell(done: subprocess.CompletedProcess[bytes], what: str, file: Path) -> str:
    """The last line that a command printed; a LabError with its own sentence if it failed."""
    if done.returncode == 0:
        return (done.stdout or b"").decode().strip().rpartition("\n")[2]
    said = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
    told = next((line for line in reversed(said) if line.startswith("CommandError: ")), said[-1])
    reason = told.removeprefix("CommandError: ").replace("The file", str(file), 1).rstrip(".")
    code = ExitCode.USAGE if done.returncode == ExitCode.USAGE else ExitCode.FAILED
    raise LabError(reason if reason.startswith(str(file)) else f"{what} failed: {reason}", code)


def _place(to: Path | None, name: str) -> Path:
    """The file to write; its folder is there afterwards."""
    stamped = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.tar.gz"
    folder = paths.backups() if to is None else to
    if to is not None and not to.is_dir() and to.name.endswith(".tar.gz"):
        folder, stamped = to.parent, to.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / stamped
    if path.exists():
        raise LabError(f"{path} is there already; name another file, or a folder", ExitCode.USAGE)
    return path


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """An empty file for its owner's eyes, which gets its name when the block has ended well."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        part.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        part.unlink(missing_ok=True)


def _kit() -> str:
    commit = run(["git", "-C", str(paths.ROOT), "rev-parse", "--short", "HEAD"]).stdout.strip()
    return f"{version('ticketlab')} {commit}".strip()
