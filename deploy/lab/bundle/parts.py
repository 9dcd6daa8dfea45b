"""The parts of a bundle, each written into a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from lab import images, paths
from lab.engine import docker_argv
from lab.errors import ExitCode, LabError
from lab.process import output, run

# What `make up`, `make audit`, `make dev` and the load on the VM need; not what only developers do.
GROUPS = ("app", "discord", "lab", "load", "audit", "docs")
CHUNK = 1 << 20
SYSTEM_PYTHON = "/usr/bin/python3"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def commit() -> str:
    """The commit that is bundled; raises LabError (exit code 2) unless the files here are those of it."""
    git = ["git", "-C", str(paths.ROOT)]
    head = output([*git, "rev-parse", "HEAD"], "only a git checkout can be bundled").strip()
    changed = output([*git, "status", "--porcelain"], "git cannot tell what changed").splitlines()
    if changed:
        said = f"{changed[0][3:]} differs from the last commit, and a bundle is of a commit"
        raise LabError(f"{said}; commit what is changed, or git stash -u", ExitCode.USAGE)
    return head


def tree(folder: Path) -> None:
    """The checkout's files, as git has them."""
    argv = [
        "git",
        "-C",
        str(paths.ROOT),
        "archive",
        "--format=tar.gz",
        "-o",
        str(folder / "tree.tar.gz"),
        "HEAD",
    ]
    output(argv, "git archive failed")


def docs(folder: Path) -> bool:
    """The documentation site, if make docs has built it; whether it was there."""
    site = paths.state() / "docs"
    if not site.is_dir():
        return False
    output(["tar", "-czf", str(folder / "docs.tar.gz"), "-C", str(site), "."], "tar failed on the docs")
    return True


def python(folder: Path, uv_version: str) -> int:
    """uv's wheel, and its cache with all packages of GROUPS as uv.lock has them; how many bytes that is
    unpacked. A cache and no wheels, because uv asks no folder of wheels for what a lock file names.
    """
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    output([*pip, "--dest", str(folder / "wheels"), f"uv=={uv_version}"], "pip could not fetch uv")
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        cache = Path(name) / "uv"
        for number, program in enumerate(_pythons()):
            _sync(program, cache, Path(name) / f"venv-{number}")
        for found in cache.glob("interpreter-*"):  # what it knows of this VM's Python alone
            shutil.rmtree(found)
        output(["tar", "-czf", str(folder / "python.tar.gz"), "-C", str(cache), "."], "tar failed")
        return sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())


def _pythons() -> list[str]:
    """Our own Python, and the distribution's if it is of the same version: a bare VM will have that one, and
    another patch release may need other packages.
    """
    told = run([SYSTEM_PYTHON, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]).stdout.strip()
    return [sys.executable, *([SYSTEM_PYTHON] if told == VERSION else [])]


def _sync(program: str, cache: Path, environment: Path) -> None:
    argv = [str(paths.ROOT / ".venv/bin/uv"), "sync", "--quiet", "--frozen", "--no-default-groups"]
    argv += ["--python", program, *(word for group in GROUPS for word in ("--group", group))]
    env = {**os.environ, "UV_CACHE_DIR": str(cache), "UV_PROJECT_ENVIRONMENT": str(environment)}
    output([*argv, "--project", str(paths.ROOT)], "uv could not fetch the packages", env=env)


def save_images(folder: Path, say: Callable[[str], None]) -> int:
    """The base and every host's image of this checkout; how many bytes they are unpacked.

    By gzip's fastest, which docker load and a bare VM can read; zstd would be smaller and neither knows it
    everywhere.
    """
    for target in images.INPUTS:
        images.build_checkout(target, say)
    argv = docker_argv("save", images.BASE, *(images.checkout(target) for target in images.INPUTS))
    size = 0
    with (
        (folder / "images.tar.gz").open("wb") as file,
        subprocess.Popen(argv, stdout=subprocess.PIPE) as saving,
        subprocess.Popen(["gzip", "-1"], stdin=subprocess.PIPE, stdout=file) as packing,
    ):
        assert saving.stdout is not None  # noqa: S101 (they are pipes)
        assert packing.stdin is not None  # noqa: S101
        while chunk := saving.stdout.read(CHUNK):
            size += len(chunk)
            packing.stdin.write(chunk)
        packing.stdin.close()
    if saving.returncode or packing.returncode:
        raise LabError("docker save or gzip failed; is the disk full? (df -h)")
    return size
