"""Which distribution packages are in the images: recorded in a lock file, and compared with it.

Python's packages are installed by uv.lock, version and hash. Debian's cannot be held fast in the same way: a
mirror keeps only the newest version of each, so a build that insists on yesterday's fails today. So the lock
tells what the images were made and tried with, and `lab images` says where a build has something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lab import paths
from lab.engine import docker
from lab.errors import LabError
from lab.images import INPUTS, name

LOCK = paths.ROOT / "deploy/images/packages.lock"
HEAD = """\
# The distribution packages in the images, as they were made and tried: host, package, version.
# Written by `make images-lock`; `make images` tells what is otherwise here.
"""
LISTING = ("dpkg-query", "--show", "--showformat", r"${Package} ${Version}\n")
Versions = Mapping[tuple[str, str], str]  # by host and package


def installed() -> dict[tuple[str, str], str]:
    """The packages in the images that are here."""
    found: dict[tuple[str, str], str] = {}
    for target in INPUTS:
        listed = docker(
            "run", "--rm", "--network", "none", "--entrypoint", LISTING[0], name(target), *LISTING[1:]
        )
        found |= {(target, package): version for package, version in map(str.split, listed.splitlines())}
    return found


def write(versions: Versions, file: Path = LOCK) -> None:
    """Record these versions."""
    lines = [f"{target} {package} {version}\n" for (target, package), version in sorted(versions.items())]
    file.write_text(HEAD + "".join(lines))


def read(file: Path = LOCK) -> dict[tuple[str, str], str]:
    """The versions that are recorded; raises LabError for a line that is none."""
    found = {}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        words = line.split()
        if line.startswith("#"):
            continue
        if len(words) != 3:
            raise LabError(
                f"{file.name}, line {number}, is not 'host package version'; run: make images-lock"
            )
        found[words[0], words[1]] = words[2]
    return found


def differences(locked: Versions, here: Versions) -> Iterator[str]:
    """A line for each package that is otherwise than it was locked; the same one on several hosts once."""
    hosts: dict[tuple[str, str, str], list[str]] = {}
    for target, package in sorted(locked.keys() | here.keys()):
        before, after = locked.get((target, package), "none"), here.get((target, package), "none")
        if before != after:
            hosts.setdefault((package, before, after), []).append(target)
    for (package, before, after), targets in hosts.items():
        yield f"{package}: {before} locked, {after} here ({', '.join(targets)})"
