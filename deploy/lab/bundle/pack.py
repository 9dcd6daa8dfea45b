"""Writing a bundle: its parts, what it says of itself, and the sums by which a damaged one is noticed."""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from lab import images, paths
from lab.bundle import debian, parts
from lab.errors import LabError
from lab.process import output

FORMAT = 1  # of deploy/bundle/install.sh
MEGA = 1_000_000
SPARE = 1500 * MEGA  # bytes: packages installed, a database, and what the engine takes while it loads
ROOM = 4000 * MEGA  # bytes that making one takes at most
FIRST = ("about", "SHA256SUMS", "install")  # in the file, so that the rest can be judged early


def pack(to: Path, say: Callable[[str], None]) -> Path:
    """Write a bundle of this checkout's commit into a folder; returns its file.

    Raises LabError if the files here are not a commit's (exit code 2), or a part cannot be had.
    """
    commit = parts.commit()
    to.mkdir(parents=True, exist_ok=True)
    for folder in (to, paths.state()):
        if shutil.disk_usage(folder).free < ROOM:
            raise LabError(
                f"{folder} has less than {ROOM // MEGA:,} MB free, which a bundle may take; make room"
            )
    name = f"ticketlab-{commit[:7]}-{platform.machine()}"
    with tempfile.TemporaryDirectory(dir=paths.state(), prefix="bundle-") as work:
        folder = Path(work) / name
        folder.mkdir()
        unpacked = _fill(folder, say)
        seal(folder, _about(commit, unpacked))
        say("writing the file")
        return write(folder, to)


def _fill(folder: Path, say: Callable[[str], None]) -> int:
    """All parts; how many bytes they are unpacked."""
    parts.tree(folder)
    shutil.copy(paths.ROOT / "deploy/bundle/install.sh", folder / "install")
    if not parts.docs(folder):
        say("the documentation site is not built, so it is not in the bundle: make docs, then make bundle")
    say("fetching the distribution packages of a bare VM")
    debian.fetch(folder / "debs")
    say("fetching the Python packages")
    size = parts.python(folder, images.uv_version())
    say("saving the images (a minute)")
    return size + parts.save_images(folder, say)


def _about(commit: str, unpacked: int) -> dict[str, object]:
    system = platform.freedesktop_os_release()
    return {
        "FORMAT": FORMAT,
        "COMMIT": commit,
        "ARCH": platform.machine(),
        "DISTRIBUTION": f"{system['ID']} {system.get('VERSION_ID', '')}".strip(),
        "PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "IMAGES": paths.images(),
        "NEEDS_MB": (unpacked + SPARE) // MEGA,
    }


def seal(folder: Path, about: Mapping[str, object]) -> None:
    """Write what the bundle says of itself, and the SHA-256 of every part, that included."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    told = {**about, "PARTS": len(files) + 1}
    (folder / "about").write_text("".join(f"{name}={value}\n" for name, value in told.items()))
    lines = [f"{_digest(path)}  {path.relative_to(folder)}\n" for path in [folder / "about", *files]]
    (folder / "SHA256SUMS").write_text("".join(lines))


def write(folder: Path, to: Path) -> Path:
    """The file, whole or not at all."""
    file = to / f"{folder.name}.bundle.tar"
    new = file.with_suffix(".new")
    names = [*FIRST, *sorted(path.name for path in folder.iterdir() if path.name not in FIRST)]
    words = ["tar", "-cf", str(new), "--owner=0", "--group=0", "--numeric-owner", "-C", str(folder.parent)]
    output([*words, *(f"{folder.name}/{name}" for name in names)], "tar could not write the bundle")
    new.replace(file)
    return file


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
