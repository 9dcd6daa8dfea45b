"""The file: written from its parts, and taken apart again with every part checked."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from ticketing.backup.manifest import BadBackup, Manifest, Member

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
DATABASE, MEDIA = "database", "media/"
LARGEST_MANIFEST = 256 * 2**20  # bytes: a line for each of a million pictures
_CHUNK = 2**20
_NOT_WHOLE = "it is cut short or damaged"
_NO_BACKUP = "it is no backup of this kit, or a damaged one"


def digest(path: Path) -> Member:
    """A file as a manifest lists it."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(path.stat().st_size, sha256)


def write(out: IO[bytes], manifest: Manifest, parts: Mapping[str, Path]) -> None:
    """Write the backup; `parts` are the manifest's members by name."""
    text = manifest.dump()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=4, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        _add(tar, MANIFEST, BytesIO(text), len(text))
        for name, path in parts.items():
            with path.open("rb") as file:
                _add(tar, name, file, manifest.members[name].bytes)
        seal = hashlib.sha256(text).hexdigest().encode()
        _add(tar, SEAL, BytesIO(seal), len(seal))


def unpack(source: IO[bytes], choose: Callable[[Manifest], Path]) -> tuple[Path, Manifest]:
    """Put the backup's members into the folder that `choose` names, each checked against the manifest.

    Raises BadBackup. Of another file than a backup nothing is written, of a damaged one perhaps a part.
    """
    with _or(_NO_BACKUP), tarfile.open(fileobj=source, mode="r|gz") as tar:
        members = iter(tar)
        text = _read(tar, next(members, None), MANIFEST, LARGEST_MANIFEST)
        manifest = Manifest.load(text)
        folder = choose(manifest)
        with _or(_NOT_WHOLE):
            _unpack(tar, members, manifest, hashlib.sha256(text).hexdigest().encode(), folder)
        return folder, manifest


@contextmanager
def _or(reason: str) -> Iterator[None]:
    """BadBackup for this reason in place of what the readers of gzip and tar raise."""
    try:
        yield
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadBackup(reason) from error


def _unpack(
    tar: tarfile.TarFile, members: Iterator[tarfile.TarInfo], manifest: Manifest, seal: bytes, folder: Path
) -> None:
    found: dict[str, Member] = {}
    for member in members:
        if member.name == SEAL:
            if _read(tar, member, SEAL, len(seal)) != seal or found != manifest.members:
                raise BadBackup("its parts are not those that its manifest lists")
            return
        if not member.isreg() or member.name not in manifest.members:
            raise BadBackup(f"it has a part that its manifest does not list ({member.name!r})")
        found[member.name] = _extract(tar, member, _inside(folder, member.name))
    raise BadBackup(_NOT_WHOLE)


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, content)


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo | None, name: str, most: int) -> bytes:
    if member is None or member.name != name or not member.isreg() or member.size > most:
        raise BadBackup(_NO_BACKUP)
    with _opened(tar, member) as content:
        return content.read()


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> Member:
    path.parent.mkdir(parents=True, exist_ok=True)
    sha256, size = hashlib.sha256(), 0
    with _opened(tar, member) as content, path.open("xb") as out:
        while chunk := content.read(_CHUNK):
            out.write(chunk)
            sha256.update(chunk)
            size += len(chunk)
    return Member(size, sha256.hexdigest())


@contextmanager
def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[IO[bytes]]:
    content = tar.extractfile(member)
    if content is None:
        raise BadBackup(_NOT_WHOLE)
    with content:
        yield content


def _inside(folder: Path, name: str) -> Path:
    """Where a member belongs; a name that leads out of the folder is nobody's honest mistake."""
    parts = PurePosixPath(name).parts
    if name != DATABASE and not (name.startswith(MEDIA) and ".." not in parts):
        raise BadBackup(f"it has a part with a name that leads elsewhere ({name!r})")
    return folder.joinpath(*parts)


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner's eyes, under its name only once all of it is written and on the disk."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _fsync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _fsync(folder: Path) -> None:
    """A file's name is on the disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
