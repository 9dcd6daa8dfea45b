"""The images of the lab's hosts: built when what goes into them has changed, and only then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import paths, vm
from lab.engine import builder, docker
from lab.errors import LabError
from lab.process import last_words, run

LABEL = "ticketlab.inputs"
BASE = "debian:trixie-slim"
DOCKERFILE = "deploy/images/Dockerfile"
PACKAGES = ("pyproject.toml", "uv.lock", "deploy/images/pip-install.sh")
# What each target of the Dockerfile copies, besides what all of them do.
INPUTS: dict[str, tuple[str, ...]] = {
    "client": (),
    "router": ("deploy/images/router-entrypoint.sh", "deploy/images/router-topology.sh", "deploy/link"),
    "db": ("deploy/images/db-start.sh",),
    "app": (*PACKAGES, "app", "deploy/images/migrate.sh"),
    "edge": (*PACKAGES, "app"),
    "discord": (*PACKAGES, "deploy/discord_sim"),
    "load": PACKAGES,
}
NOT_COPIED = {"__pycache__", "media", "staticfiles", "generated_tickets.json"}


def build_all(say: Callable[[str], None], only: Iterable[str] = INPUTS) -> list[str]:
    """Build the images that are missing or out of date; returns the names of those that were built."""
    stale = {target: digest for target in only if (digest := _inputs_digest(target)) != _built_from(target)}
    if not stale:
        return []
    say(f"building the images {', '.join(stale)} (some minutes the first time, seconds later)")
    secrets = _write_build_secrets()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(lambda target: _build(target, stale[target], secrets, say), stale))
    return list(stale)


def name(target: str) -> str:
    """The image of a target, as the compose file names it."""
    return f"{paths.images()}/{target}"


def _build(target: str, digest: str, secrets: dict[str, Path], say: Callable[[str], None]) -> None:
    argv = [
        *builder().argv,
        *("build", "--file", str(paths.ROOT / DOCKERFILE), "--target", target, "--tag", name(target)),
        *(
            "--label",
            f"{LABEL}={digest}",
            "--build-arg",
            f"UV_VERSION={_uv_version()}",
            "--progress",
            "plain",
        ),
        *(word for id_, path in secrets.items() for word in ("--secret", f"id={id_},src={path}")),
        str(paths.ROOT),
    ]
    done = run(_with_buildkit(argv), env={**os.environ, "DOCKER_BUILDKIT": "1"})
    log = paths.state() / f"build-{target}.log"
    log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise LabError(f"the image {target} could not be built: {last_words(done)} (whole log: {log})")
    say(f"built {name(target)}")


def _with_buildkit(argv: list[str]) -> list[str]:
    """Through sudo the environment is lost, unless `env` sets it on the other side."""
    return ["sudo", "env", "DOCKER_BUILDKIT=1", *argv[1:]] if argv[0] == "sudo" else argv


def _write_build_secrets() -> dict[str, Path]:
    folder = paths.state() / "build-secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    secrets = {"ca.crt": vm.ca_bundle(), "apt.conf": vm.apt_conf(), "pip.conf": vm.pip_conf()}
    for id_, text in secrets.items():
        (folder / id_).write_text(text)
    return {id_: folder / id_ for id_ in secrets}


def _built_from(target: str) -> str:
    form = f'{{{{index .Config.Labels "{LABEL}"}}}}'
    try:
        return docker("image", "inspect", "--format", form, name(target)).strip()
    except LabError:
        return ""


def _inputs_digest(target: str) -> str:
    digest = hashlib.sha256(docker("image", "inspect", "--format", "{{.Id}}", BASE).encode())
    digest.update(_uv_version().encode())
    for relative in (DOCKERFILE, ".dockerignore", "deploy/images/apt-install.sh", *INPUTS[target]):
        for path in _files(paths.ROOT / relative):
            mode = path.stat().st_mode & 0o111
            digest.update(f"{path.relative_to(paths.ROOT)} {mode}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for child in sorted(path.iterdir()):
        if child.name not in NOT_COPIED and not child.name.startswith("db.sqlite3"):
            yield from _files(child)


def _uv_version() -> str:
    """The version of uv, which bootstrap.sh pins for the VM and the images alike."""
    lines = (paths.ROOT / "deploy" / "bootstrap.sh").read_text().splitlines()
    return next(line for line in lines if line.startswith("UV_VERSION=")).split()[0].partition("=")[2]
