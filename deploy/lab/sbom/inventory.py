"""What is installed in an image, as its own package databases tell it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lab import images
from lab.engine import docker
from lab.errors import ExitCode, LabError

DEBIAN = r"${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
PYTHON = """
import importlib.metadata, json, sysconfig
found = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}
print(json.dumps({"python": sysconfig.get_python_version(), "packages": found}))
"""
# Both databases in one run; images without Python packages have no /opt/venv.
SCRIPT = 'dpkg-query -W -f "$1" && echo && if [ -d /opt/venv ]; then /opt/venv/bin/python -c "$2"; fi'


@dataclass(frozen=True, order=True)
class Debian:
    """A package of the distribution, and the source that it is built from."""

    name: str
    version: str
    architecture: str
    source: str
    source_version: str


@dataclass(frozen=True, order=True)
class Python:
    """A Python package."""

    name: str
    version: str


@dataclass(frozen=True)
class Inventory:
    """An image: its name, the digest of what it was built from, and what is installed in it."""

    image: str
    inputs: str
    debian: tuple[Debian, ...]
    python: tuple[Python, ...]
    python_version: str = ""  # such as 3.13

    @property
    def architecture(self) -> str:
        """The image's architecture, in Debian's word for it."""
        return next((one.architecture for one in self.debian if one.architecture != "all"), "all")


def built() -> list[str]:
    """The targets whose image is here; raises LabError (exit code 3) if none is."""
    here = docker("image", "ls", "--format", "{{.Repository}}").split()
    found = [target for target in images.INPUTS if images.name(target) in here]
    if not found:
        raise LabError("none of the lab's images is here; run: make up", ExitCode.UNMEASURED)
    return found


def of(target: str) -> Inventory:
    """The inventory of a target's image; raises LabError (exit code 3) if there is no such image yet."""
    name = images.name(target)
    try:
        inputs = docker(
            "image", "inspect", "--format", f'{{{{index .Config.Labels "{images.LABEL}"}}}}', name
        )
    except LabError as error:
        raise LabError(f"there is no image {name}; run: make up", ExitCode.UNMEASURED) from error
    words = ("sh", "-c", SCRIPT, "sh", DEBIAN, PYTHON)
    confined = ("--network", "none", "--read-only", "--cap-drop", "ALL", "--entrypoint", words[0])
    said = docker("run", "--rm", *confined, name, *words[1:])
    return parse(name, inputs.strip(), said)


def parse(image: str, inputs: str, said: str) -> Inventory:
    """The inventory from what the image's own databases said: packages a line each, an empty line, JSON."""
    listed, _, rest = said.partition("\n\n")
    debian = sorted(Debian(*line.split("\t")) for line in listed.splitlines())
    found: dict[str, Any] = json.loads(rest) if rest.strip() else {"python": "", "packages": {}}
    python = sorted(Python(name, version) for name, version in found["packages"].items())
    return Inventory(image, inputs, tuple(debian), tuple(python), found["python"])
