"""Where the lab's secrets were found besides the files that are to hold them."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import paths
from lab.audit.model import Finding, Site, UnmeasuredError
from lab.audit.secrets import known, repository
from lab.audit.secrets.scan import Hit, Needles, in_images, output_of
from lab.engine import containers, docker, docker_argv
from lab.errors import LabError
from lab.process import run

# Where packages keep certificates that everybody has.
EVERYBODYS = re.compile(r": /(\./)?(usr/share/ca-certificates/|.*/certifi/cacert\.pem$)")
# An access token of the service: header, claims and signature (RFC 7519), the first two of them JSON objects.
ACCESS_TOKEN = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}")
BUILD, SERVICE = "the VM's ", "com.docker.compose.service"

Part = tuple[Hit, ...] | UnmeasuredError


@dataclass(frozen=True)
class Evidence:
    """What was found in each part (the keys of `looks` in `gather`), or why nothing is known of it."""

    parts: Mapping[str, Part]

    def findings(self, part: str, *, build: bool = False) -> list[Finding]:
        """The part's findings, of build settings or of secrets; raises UnmeasuredError if it was not seen."""
        found = self.parts[part]
        if isinstance(found, UnmeasuredError):
            raise found
        chosen = [hit for hit in found if hit.secret.startswith(BUILD) is build]
        return [Finding(hit.where, hit.secret) for hit in sorted(chosen, key=lambda hit: hit.where)]


def gather(site: Site) -> Evidence:
    """Look everywhere; what cannot be looked at is unmeasured, and the rest is looked at all the same."""
    settings = site.settings
    needles = Needles(known.secrets(settings))
    ids = containers(settings.project)
    looks: dict[str, Callable[[], list[Hit]]] = {
        "images": lambda: images(ids, known.secrets(settings)),
        "environment": lambda: _environment(ids, needles),
        "logs": lambda: logs(ids, known.secrets(settings)),
        "tracked": lambda: repository.tracked(paths.ROOT, needles),
        "history": lambda: repository.history(paths.ROOT, needles),
        "modes": lambda: modes([paths.env_file(), *private_folders()]),
    }
    with ThreadPoolExecutor(max_workers=2) as pool:
        return Evidence(dict(zip(looks, pool.map(_part, looks.values()), strict=True)))


def images(ids: list[str], secrets: Mapping[str, bytes]) -> list[Hit]:
    """What is found in the images of these containers, of secrets and of the build's settings."""
    building = {BUILD + name: value for name, value in known.build_settings().items()}
    names = sorted(set(docker("inspect", "--format", "{{.Config.Image}}", *ids).split()))
    with output_of(docker_argv("save", *names)) as saved:
        hits = in_images(saved, Needles({**secrets, **building}))
    public = {hit.secret for hit in hits if EVERYBODYS.search(hit.where)}
    return [hit for hit in hits if hit.secret not in public]


def logs(ids: list[str], secrets: Mapping[str, bytes]) -> list[Hit]:
    """What is found in the logs of these containers, of secrets and of access tokens."""
    needles = Needles(secrets, {"an access token": ACCESS_TOKEN})
    hits = []
    for body in json.loads(docker("inspect", *ids)):
        with output_of(docker_argv("logs", body["Id"])) as stream:
            found = needles.within_stream(stream)
        hits += [Hit(_host(body), name) for name in sorted(found)]
    return hits


def modes(places: list[Path]) -> list[Hit]:
    """The files and folders among these that others than their owner can read or enter."""
    found = []
    for path in places:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
        if mode & 0o077:
            found.append(Hit(path.name, f"its mode is {mode:o}, so that others on this VM can read it"))
    return found


def private_folders() -> list[Path]:
    """The folders of the state that keep others out of what is in them."""
    return [paths.state() / name for name in ("secrets", "build-secrets", "tls")]


def _part(look: Callable[[], list[Hit]]) -> Part:
    try:
        return tuple(look())
    except (LabError, OSError, ValueError) as error:
        return UnmeasuredError(str(error))
    except UnmeasuredError as error:
        return error


def _environment(ids: list[str], needles: Needles) -> list[Hit]:
    """In all that `docker inspect` tells, and in each process's environment and command line."""
    hits = []
    for body in json.loads(docker("inspect", *ids)):
        seen = json.dumps(body, ensure_ascii=False).encode()
        if body["State"]["Running"]:
            words = ["sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline"]
            # A process that ends meanwhile makes cat complain; what it printed of the others is whole.
            seen += run(docker_argv("exec", body["Id"], *words), timeout=20).stdout.encode()
        hits += [Hit(_host(body), name) for name in needles.within(seen)]
    return hits


def _host(body: Mapping[str, Any]) -> str:
    return str(body["Config"]["Labels"].get(SERVICE, body["Name"].lstrip("/")))
