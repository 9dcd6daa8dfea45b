"""Which image the app servers get, which they had, and under which names the two are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab import images
from lab.engine import containers, docker
from lab.errors import ExitCode, LabError

PREVIOUS = f"{images.name('app')}:previous"


@dataclass(frozen=True)
class Change:
    """From one image to another, both by id; `name` is what the new one is called in sentences."""

    name: str
    new: str
    old: str

    def begin(self) -> None:
        """Compose starts containers from the new image now; the old one is kept as `previous`."""
        docker("tag", self.old, PREVIOUS)
        docker("tag", self.new, images.name("app"))

    def take_back(self) -> None:
        """Compose starts containers from the old image again."""
        docker("tag", self.old, images.name("app"))


def prepare(project: str, replicas: Sequence[str], wanted: str | None, say: Callable[[str], None]) -> Change:
    """The change to the image of this name; without one to the checkout's, which is built if need be.

    Raises LabError (exit code 2) if there is no such image, (3) if the replicas are not there.
    """
    # The last one to be replaced still has what served before a change that was interrupted.
    old = _image_of(project, replicas[-1])
    if wanted is None:
        return Change("the checkout's image", images.build_checkout("app", say), old)
    try:
        return Change(wanted, images.identity(wanted), old)
    except LabError as error:
        there = f"there is no image '{wanted}' here; docker image ls lists those that there are"
        raise LabError(there, ExitCode.USAGE) from error


def _image_of(project: str, service: str) -> str:
    found = containers(project, service)
    if not found:
        raise LabError(f"host {service} is not there; make up brings it up", ExitCode.UNMEASURED)
    return str(json.loads(docker("inspect", found[0]))[0]["Image"])
