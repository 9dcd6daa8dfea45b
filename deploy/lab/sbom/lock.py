"""The files that uv.lock allows for a Python package, with their hashes."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from lab import paths

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}  # Debian's word, and that of wheels


@dataclass(frozen=True)
class File:
    """A file that may have been installed: where it comes from, and its SHA-256."""

    url: str
    sha256: str


def files(text: str | None = None) -> dict[str, list[File]]:
    """The files of each package by its normalised name, in the order of the lock."""
    document = tomllib.loads((paths.ROOT / "uv.lock").read_text() if text is None else text)
    return {
        package["name"]: [
            File(one["url"], one["hash"].removeprefix("sha256:"))
            for one in (*package.get("wheels", ()), *filter(None, [package.get("sdist")]))
            if "url" in one
        ]
        for package in document["package"]
    }


def installable(listed: list[File], python: str, architecture: str) -> list[File]:
    """Those that pip takes on this Python and architecture: wheels that fit, or else the source."""
    machine, tag = MACHINES.get(architecture, architecture), f"cp{python.replace('.', '')}"
    fitting = [
        one
        for one in listed
        if one.url.endswith("-any.whl")
        or (re.search(rf"-({tag}-{tag}|cp3\d+-abi3|py3-none)-manylinux", one.url) and machine in one.url)
    ]
    return fitting or [one for one in listed if not one.url.endswith(".whl")]


def normalised(name: str) -> str:
    """A package's name as the lock writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
