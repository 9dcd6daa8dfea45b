"""The images of a bundle into this VM's engine, under this checkout's names."""

from __future__ import annotations

from pathlib import Path

from lab import images, paths
from lab.engine import docker
from lab.errors import LabError


def load(file: Path, prefix: str) -> list[str]:
    """Load the images, whose names begin with `prefix`; returns this checkout's names for them.

    Raises LabError if they are not what this checkout gives: it would build them anew, and need a network.
    """
    docker("load", "--quiet", "--input", str(file))
    for target in images.INPUTS:
        loaded = f"{prefix}/{target}:checkout"
        docker("tag", loaded, images.checkout(target))
        docker("tag", loaded, images.name(target))
        if prefix != paths.images():
            docker("rmi", loaded)
    if wrong := images.stale():
        said = f"the bundle's images are not those of this checkout ({', '.join(wrong)})"
        raise LabError(f"{said}; unpack the bundle with tar xf, and run its ./install in another folder")
    return [images.name(target) for target in images.INPUTS]
