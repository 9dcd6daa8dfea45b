"""`doctor`: what this VM is, what the kit picked on it, and what is in the way."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from lab import disk, engine, paths, preflight, settings, topology
from lab.errors import LabError
from lab.link import control
from lab.preflight import Finding
from lab.process import run
from lab.settings import Settings
from lab.vm import ca_bundle


def facts() -> Iterator[tuple[str, str]]:
    """What is here, as (name, value)."""
    release = Path("/etc/os-release")
    names = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
    yield "system", f"{names.get('PRETTY_NAME', 'unknown').strip(chr(34))}, kernel {platform.release()}"
    yield "python", platform.python_version()
    yield (
        "init",
        "systemd" if Path("/run/systemd/system").is_dir() else "none (make up starts the engine itself)",
    )
    try:
        yield from engine.chosen().items()
    except LabError as error:
        yield "engine", str(error)
    yield "links", _link_engine()
    bundle = ca_bundle().count("BEGIN CERTIFICATE")
    yield "CA bundle", f"{bundle} certificates, handed to builds" if bundle else "none found"


def _link_engine() -> str:
    """Which engine impairs links: the running router's own word, or that it is not known yet."""
    try:
        links = control.show(settings.load().project)
    except LabError:
        return "netem or the kit's own engine: the router finds out when the lab is up"
    return f"{links.engine}: {links.reason}"


def findings() -> Iterator[Finding]:
    """Everything that would keep `make up` from working, and warnings."""
    try:
        loaded = settings.load() if paths.env_file().exists() else Settings(settings.defaults())
    except LabError as error:
        yield Finding(str(error), "mend it first")
        return
    yield from preflight.findings(loaded, topology.read(loaded.values))
    if full := disk.nearly_full(loaded.project):
        yield full
    if run(["ip", "-V"]).returncode:
        yield Finding("the command ip is missing", "run: apt-get install iproute2", warning=True)
