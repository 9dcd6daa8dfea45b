"""A capture's packets as tshark dissects them: chosen fields, one row a packet."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab import images
from lab.capture.record import IMAGE
from lab.engine import docker_argv
from lab.errors import ExitCode, LabError


def fields(file: Path, names: Sequence[str]) -> Iterator[list[str]]:
    """The named fields of each packet of a file; raises LabError (exit code 3) when tshark cannot tell."""
    words = ["tshark", "-n", "-r", "-", "-T", "fields", *(word for name in names for word in ("-e", name))]
    with file.open("rb") as source:
        done = subprocess.run(_where(words), stdin=source, capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
        raise LabError(
            f"{file} is there, but tshark could not read it ({said[-1]}); capture again if it is not whole; "
            "make up brings tshark", ExitCode.UNMEASURED,
        )  # fmt: skip
    return (line.split("\t") for line in done.stdout.decode().splitlines())


def is_set(flag: str) -> bool:
    """Older versions of tshark write a flag as 1, newer ones as True."""
    return flag in ("1", "True")


def _where(words: Sequence[str]) -> list[str]:
    """The VM's own tshark, which spares a container, or the client image's, which can reach nothing."""
    if shutil.which("tshark"):
        return list(words)
    shut_in = ["--network", "none", "--cap-drop", "ALL", "--read-only", "--tmpfs", "/tmp"]  # noqa: S108
    return docker_argv("run", "--rm", "--init", "--interactive", *shut_in, images.name(IMAGE), *words)
