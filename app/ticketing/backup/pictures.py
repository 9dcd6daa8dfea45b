"""The pictures' side of a backup: none that a kept ticket has may be deleted while it is written."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from ticketing.services.media import is_ours


def root() -> Path:
    """The folder of all pictures."""
    return Path(settings.MEDIA_ROOT)


class Kept:
    """A second name (a hard link) for each picture, so that it outlives the deletion of the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hold(self) -> None:
        """Keep every picture that is there now."""
        for path in _files(root()):
            kept = self._folder / path.relative_to(root())
            if kept.exists():
                continue
            kept.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # deleted this very moment
                _link(path, kept)

    def find(self, names: Iterable[str]) -> dict[str, Path | None]:
        """Where the pictures with these names are kept; None for those that are not."""
        return {name: self._place(name) for name in names}

    def _place(self, name: str) -> Path | None:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            return None
        path = self._folder / name
        return path if path.is_file() else None


def add(folder: Path) -> None:
    """Move those pictures in `folder` to their places whose places are empty; nobody sees them yet."""
    for path in _files(folder):
        place = root() / path.relative_to(folder)
        if not place.exists():
            _move(path, place)


def settle(folder: Path, names: set[str]) -> None:
    """Make the pictures those of the database that is in use now: `names`, with the content in `folder`."""
    for path in _files(folder):
        place = root() / path.relative_to(folder)
        if not filecmp.cmp(path, place, shallow=False):
            _move(path, place)
    for path in _files(root()):
        name = path.relative_to(root()).as_posix()
        if is_ours(name) and name not in names:
            path.unlink()


def _link(path: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(path, kept)  # the workplace is elsewhere: the pictures' disk is full


def _move(path: Path, place: Path) -> None:
    missing = [parent for parent in place.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir()
        parent.chmod(settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
    path.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    # On the same file system, so it is a rename, and a link to what was there keeps its content.
    path.replace(place)


def _files(folder: Path) -> Iterator[Path]:
    """All files below; those that begin with a dot are no pictures."""
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(where, name) for name in names if not name.startswith("."))
