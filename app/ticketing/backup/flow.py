"""Making, checking and restoring backups, from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ticketing.backup import archive, pictures, postgresql, sqlite
from ticketing.backup.manifest import BadBackup, Manifest, Table
from ticketing.backup.workplace import room_for, workplace


class Side(Protocol):
    """What a kind of database does its own way."""

    def size(self) -> int: ...  # noqa: D102 - each module says it
    def snapshot(self, path: Path) -> None: ...  # noqa: D102
    def tables(self, path: Path) -> dict[str, Table]: ...  # noqa: D102
    def images(self, path: Path) -> list[str]: ...  # noqa: D102
    def bring_up_to_date(self, path: Path, migrations: list[str]) -> bool: ...  # noqa: D102
    def replace(self, path: Path, expected: dict[str, Table]) -> None: ...  # noqa: D102


def _side() -> Side:
    return postgresql if connection.vendor == "postgresql" else sqlite


def make(out: IO[bytes], kit: str) -> Manifest:
    """Write a backup of all that is there at one moment, while others write on; `kit` is our version.

    Raises BadBackup if it cannot be made.
    """
    side = _side()
    with workplace() as place, room_for(side.size(), place) as folder:
        database = folder / archive.DATABASE
        names, found = _snapshot(database, pictures.Kept(place / "kept"))
        parts = {archive.DATABASE: database}
        parts |= {archive.MEDIA + name: path for name, path in found.items() if path}
        manifest = Manifest(
            kit=kit,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            database=connection.vendor,
            migrations=sorted(f"{app}.{name}" for app, name in _applied()),
            tables=side.tables(database),
            members={name: archive.digest(path) for name, path in parts.items()},
            missing=sorted(name for name in names if not found[name]),
        )
        archive.write(out, manifest, parts)
        return manifest


def _snapshot(database: Path, kept: pictures.Kept) -> tuple[list[str], dict[str, Path | None]]:
    """A snapshot, the pictures that its tickets name, and where those are.

    A picture may be replaced between the snapshot and the moment in which it is kept. Then the next snapshot
    has its successor; one that two snapshots name and nobody has was never there (a fixture can name any).
    """
    before: list[str] | None = None
    while True:
        kept.hold()
        _side().snapshot(database)
        kept.hold()
        names = _side().images(database)
        found = kept.find(names)
        missing = [name for name, path in found.items() if path is None]
        if not missing or missing == before:
            return names, found
        before = missing


def check(source: IO[bytes]) -> Manifest:
    """Read a backup to its end, and hold every part and every table against its manifest.

    Raises BadBackup for anything else than a whole backup that can be restored here.
    """
    with workplace() as place, ExitStack() as stack:
        _folder, manifest = _unpacked(source, lambda it: stack.enter_context(room_for(it.size, place)))
        return manifest


def restore(source: IO[bytes], say: Callable[[str], None]) -> Manifest:
    """Put a backup in the place of all that is there, or change nothing and raise BadBackup.

    The database is replaced in one transaction, and before that every picture that it needs is in its place.
    """
    with workplace() as place:
        folder, manifest = _unpacked(source, lambda _: place)
        database, images = folder / archive.DATABASE, folder / archive.MEDIA
        expected, side = manifest.tables, _side()
        if side.bring_up_to_date(database, manifest.migrations):
            say("brought the backup's schema up to date")
            expected = side.tables(database)
        pictures.add(images)
        side.replace(database, expected)
        pictures.settle(images, set(side.images(database)))
        return manifest


def _unpacked(source: IO[bytes], choose: Callable[[Manifest], Path]) -> tuple[Path, Manifest]:
    """The backup taken apart, if it can be restored here; raises BadBackup if not."""

    def examine(manifest: Manifest) -> Path:
        if manifest.database != connection.vendor:
            raise BadBackup(
                f"it is of a {manifest.database} database, and this one is {connection.vendor}: restore it "
                f"where that runs, then copy the tickets over with make db-copy"
            )
        if newer := sorted(set(manifest.migrations) - _known()):
            raise BadBackup(
                f"it is of a newer version of the kit ({manifest.kit}, with {newer[0]}); update this one"
            )
        return choose(manifest)

    folder, manifest = archive.unpack(source, examine)
    if _side().tables(folder / archive.DATABASE) != manifest.tables:
        raise BadBackup("its tables are not those that its manifest lists")
    return folder, manifest


def _known() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _applied() -> set[tuple[str, str]]:
    return set(MigrationRecorder(connection).applied_migrations())


def migrations_wait() -> bool:
    """Whether a database that is not empty lacks migrations that this version has."""
    applied = _applied()
    return bool(applied) and bool(set(MigrationLoader(None).disk_migrations) - applied)
