"""What the engine says of the lab's containers and images, and which processes run in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lab import images, paths
from lab.audit.model import Finding, Site, UnmeasuredError
from lab.engine import containers, docker, docker_argv
from lab.process import run

SERVICE, NUMBER = "com.docker.compose.service", "com.docker.compose.container-number"


@dataclass(frozen=True)
class Process:
    """A process inside a container, with the user as the container sees it."""

    name: str
    uid: int


@dataclass(frozen=True)
class Container:
    """One container: the host it is, what `docker inspect` says, its processes (None: not seen)."""

    host: str
    body: dict[str, Any]
    processes: tuple[Process, ...] | None = ()

    @property
    def config(self) -> dict[str, Any]:
        """The engine's HostConfig, where nearly all of this is."""
        found: dict[str, Any] = self.body["HostConfig"]
        return found

    @property
    def mounts(self) -> list[dict[str, Any]]:
        """What is mounted from the VM itself: bind mounts, no volumes."""
        return [mount for mount in self.body["Mounts"] if mount["Type"] == "bind"]

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return bool(self.body["State"]["Running"])


@dataclass(frozen=True)
class Evidence:
    """The containers, and what they are held against."""

    containers: tuple[Container, ...]
    images: dict[str, str]  # the id of each image that is named by one of them
    stale: tuple[str, ...]  # names of images that the checkout would build anew
    published: dict[str, tuple[int, ...]]  # ports of the VM that the topology gives each host
    folders: tuple[str, ...]  # of the VM that the lab may mount


def gather(site: Site) -> Evidence:
    """Ask the engine; raises LabError if it does not answer."""
    bodies = json.loads(docker("inspect", *containers(site.settings.project)))
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(_container, bodies))
    named = sorted({str(one.body["Config"]["Image"]) for one in found})
    return Evidence(
        containers=tuple(sorted(found, key=lambda one: one.host)),
        images={name: _image_id(name) for name in named},
        stale=tuple(images.name(target) for target in images.stale()),
        published={host.name: host.published for host in site.plan.hosts.values()},
        folders=(str(paths.ROOT), str(paths.state())),
    )


def each(look: Callable[[Container], str | None]) -> Callable[[Evidence], Iterable[Finding]]:
    """A judge from a look at one container that says what is wrong with it."""

    def judge(evidence: Evidence) -> list[Finding]:
        return [Finding(one.host, seen) for one in evidence.containers if (seen := look(one))]

    return judge


def processes(container: Container) -> tuple[Process, ...]:
    """Its processes; raises UnmeasuredError if they could not be seen."""
    if container.processes is None:
        said = f"the processes on {container.host} could not be seen; run: make restart HOST={container.host}"
        raise UnmeasuredError(said)
    return container.processes


def _container(body: dict[str, Any]) -> Container:
    labels = body["Config"]["Labels"]
    host, number = labels.get(SERVICE, body["Name"].lstrip("/")), labels.get(NUMBER, "1")
    seen = _processes(body["Id"]) if body["State"]["Running"] else ()
    return Container(host if number == "1" else f"{host}-{number}", body, seen)


def _processes(container: str) -> tuple[Process, ...] | None:
    # A process that ends meanwhile makes grep complain; what it printed of the others is whole.
    words = ["sh", "-c", "grep -h -E '^(Name|Uid):' /proc/[0-9]*/status"]
    done = run(docker_argv("exec", container, *words), timeout=20)
    found = re.findall(r"Name:\t(.*)\nUid:\t(\d+)", done.stdout)
    return tuple(Process(name, int(uid)) for name, uid in found) or None


def _image_id(name: str) -> str:
    done = run(docker_argv("image", "inspect", "--format", "{{.Id}}", name), timeout=20)
    return done.stdout.strip()
