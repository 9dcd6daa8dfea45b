"""What is in an image, file by file, and what differs between two: all but the times."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import IO

from lab.engine import docker, docker_argv
from lab.errors import LabError

CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file, folder or link: all that a host can see of it but its times."""

    kind: str
    mode: str
    owner: str
    size: int
    content: str  # of a file the SHA-256, of a link where it leads


Tree = dict[str, Entry]
KINDS = {tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "symbolic link", tarfile.LNKTYPE: "hard link"}


def of_image(tag: str) -> Tree:
    """The files of an image as a container would find them; raises LabError if the engine fails."""
    container = docker("create", "--network", "none", tag, "true").strip()
    try:
        with subprocess.Popen(docker_argv("export", container), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None  # noqa: S101 (it is a pipe)
            tree = read(process.stdout)
        if process.returncode:
            raise LabError(f"docker export of {tag} failed with exit code {process.returncode}")
        return tree
    finally:
        docker("rm", container)


def read(stream: IO[bytes]) -> Tree:
    """The entries of a tar archive by path."""
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        return {member.name: _entry(archive, member) for member in archive}


def differences(one: Tree, other: Tree) -> Iterator[str]:
    """A line for each path that is not the same in both: which, and how."""
    for path in sorted(one.keys() | other.keys()):
        first, second = one.get(path), other.get(path)
        if first is None or second is None:
            yield f"{path}: only in the {'second' if first is None else 'first'}"
        elif first != second:
            yield f"{path}: {', '.join(_changed(first, second))}"


def _changed(first: Entry, second: Entry) -> Iterator[str]:
    for field in fields(Entry):
        before, after = getattr(first, field.name), getattr(second, field.name)
        if before != after:
            short = field.name == "content" and first.kind == second.kind == "file"
            yield field.name if short else f"{field.name} {before} and {after}"


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    content = _digest(archive, member) if member.isfile() else member.linkname
    return Entry(
        kind="file" if member.isfile() else KINDS.get(member.type, "device"),
        mode=f"{member.mode:04o}",
        owner=f"{member.uid}:{member.gid}",
        size=member.size,
        content=content,
    )


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    digest = hashlib.sha256()
    while file and (chunk := file.read(CHUNK)):
        digest.update(chunk)
    return digest.hexdigest()
