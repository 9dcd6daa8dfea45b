"""The images of the lab's hosts: built when what goes into them has changed, and only then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import paths, vm
from lab.engine import builder, docker
from lab.errors import ExitCode, LabError
from lab.process import last_words, run

LABEL = "ticketlab.inputs"
BASE = "debian:trixie-slim"
DOCKERFILE = "deploy/images/Dockerfile"
COMMON = ("deploy/images/apt-install.sh", "deploy/images/add-user.sh")
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
    """Give these hosts the checkout's images, built if they are out of date; return which were built."""
    outdated = stale(only)
    if outdated:
        say(f"building the images {', '.join(outdated)} (some minutes the first time, seconds later)")
    secrets = write_build_secrets() if outdated else {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        builds = pool.map(lambda target: build(target, checkout(target), secrets), outdated)
        for target, _ in zip(outdated, builds, strict=True):
            say(f"built {name(target)}")
    for target in only:
        docker("tag", checkout(target), name(target))
    return outdated


def stale(among: Iterable[str] = INPUTS) -> list[str]:
    """The targets of which there is no image that this checkout gives."""
    return [target for target in among if inputs_digest(target) != _built_from(checkout(target))]


def build_checkout(target: str, say: Callable[[str], None]) -> str:
    """The id of the image that the checkout gives, built if it is out of date; no host gets it yet."""
    if inputs_digest(target) != _built_from(checkout(target)):
        say(f"building {checkout(target)}")
        build(target, checkout(target), write_build_secrets())
    return identity(checkout(target))


def name(target: str) -> str:
    """The image of a target, as the compose file names it."""
    return f"{paths.images()}/{target}"


def checkout(target: str) -> str:
    """The image that was built last; the hosts may have been given another since (make deploy IMAGE=…)."""
    return f"{name(target)}:checkout"


def identity(tag: str) -> str:
    """The id of the image that has this name now; raises LabError if there is none."""
    return docker("image", "inspect", "--format", "{{.Id}}", tag).strip()


def known(target: str) -> str:
    """The target, if there is such a one; raises LabError naming those that there are."""
    if target not in INPUTS:
        raise LabError(f"there is no image '{target}'; the images are {', '.join(INPUTS)}", ExitCode.USAGE)
    return target


def build(target: str, tag: str, secrets: Mapping[str, Path], *options: str) -> None:
    """Build a target of the Dockerfile under a name; raises LabError with the build's last words."""
    argv = [
        *builder().argv,
        *("build", "--file", str(paths.ROOT / DOCKERFILE), "--target", target, "--tag", tag, *options),
        *("--label", f"{LABEL}={inputs_digest(target)}", "--build-arg", f"UV_VERSION={uv_version()}"),
        *("--progress", "plain"),
        *(word for id_, path in secrets.items() for word in ("--secret", f"id={id_},src={path}")),
        str(paths.ROOT),
    ]
    done = run(_with_buildkit(argv), env={**os.environ, "DOCKER_BUILDKIT": "1"})
    log = paths.state() / f"build-{target}.log"
    log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise LabError(f"the image {target} could not be built: {last_words(done)} (whole log: {log})")


def _with_buildkit(argv: list[str]) -> list[str]:
    """Through sudo the environment is lost, unless `env` sets it on the other side."""
    return ["sudo", "env", "DOCKER_BUILDKIT=1", *argv[1:]] if argv[0] == "sudo" else argv


def write_build_secrets() -> dict[str, Path]:
    """What a build needs of this VM and leaves in no image: files by the ids that the Dockerfile names."""
    folder = paths.state() / "build-secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    secrets = {"ca.crt": vm.ca_bundle(), "apt.conf": vm.apt_conf(), "pip.conf": vm.pip_conf()}
    for id_, text in secrets.items():
        (folder / id_).write_text(text)
    return {id_: folder / id_ for id_ in secrets}


def _built_from(tag: str) -> str:
    form = f'{{{{index .Config.Labels "{LABEL}"}}}}'
    try:
        return docker("image", "inspect", "--format", form, tag).strip()
    except LabError:
        return ""


def inputs_digest(target: str) -> str:
    """A digest of all that goes into a target: the checkout's files, and the base image.

    The base is named by its layers: its id is another in an engine that keeps images otherwise, into which
    a bundle may have been loaded.
    """
    layers = docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", BASE).strip()
    digest = hashlib.sha256(layers.encode())
    digest.update(uv_version().encode())
    for relative in (DOCKERFILE, ".dockerignore", *COMMON, *INPUTS[target]):
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


def uv_version() -> str:
    """The version of uv, which bootstrap.sh pins for the VM and the images alike."""
    lines = (paths.ROOT / "deploy" / "bootstrap.sh").read_text().splitlines()
    return next(line for line in lines if line.startswith("UV_VERSION=")).split()[0].partition("=")[2]
