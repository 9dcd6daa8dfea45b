"""The lab's secrets, as files of the VM hold them: what must be nowhere else. None is ever shown."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from lab import paths
from lab.audit.model import UnmeasuredError
from lab.settings import PASSWORDS, Settings

PUBLIC = {"ca.crt"}  # certificates are made to be shown
DISTRIBUTION = Path("/usr/share/ca-certificates")  # what Debian's own package trusts
SHORTEST = 8  # a shorter text is found by chance
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\s+(.*?)-----END", re.DOTALL)


def secrets(settings: Settings) -> dict[str, bytes]:
    """The value of each secret by its name: those of .env, of the state folder, and private keys."""
    found = {name: settings[name] for name in PASSWORDS}
    found["DISCORD_WEBHOOK_URL"] = _token(settings["DISCORD_WEBHOOK_URL"])
    for path in sorted((paths.state() / "secrets").glob("*")):
        if path.name not in PUBLIC and path.suffix != ".json":  # users.json has the passwords of .env
            found[f"secrets/{path.name}"] = _token(path.read_text().strip())
    for path in sorted((paths.state() / "tls").rglob("*.key")):
        found[f"tls/{path.name}"] = _middle(path.read_text())
    return {name: value.encode() for name, value in found.items() if len(value) >= SHORTEST}


def build_settings() -> dict[str, bytes]:
    """What builds are told of the VM, by name: its pip and apt settings, and certificates of its own."""
    folder = paths.state() / "build-secrets"
    found: dict[str, str] = {}
    for name, form in (("pip.conf", r"= (.*)"), ("apt.conf", r'"(.*)"')):
        values = re.findall(form, _text(folder / name))
        found |= {f"{name}, setting {number}": value for number, value in enumerate(values, 1)}
    own = _certificates(_text(folder / "ca.crt"))
    if own:
        own -= _distributed()
    found |= {f"ca.crt, certificate {number}": _middle(body) for number, body in enumerate(sorted(own), 1)}
    return {name: value.encode() for name, value in found.items() if len(value) >= SHORTEST}


def _distributed() -> set[str]:
    if not DISTRIBUTION.is_dir():
        said = f"without {DISTRIBUTION} the VM's own certificates cannot be told from the distribution's"
        raise UnmeasuredError(f"{said}; run: apt-get install ca-certificates")
    return set().union(*(_certificates(path.read_text()) for path in DISTRIBUTION.rglob("*.crt")))


def _certificates(text: str) -> set[str]:
    return {"\n".join(body.split()) for body in CERTIFICATE.findall(text)}


def _token(text: str) -> str:
    """The secret part of a webhook's address; any other secret as a whole."""
    return urlsplit(text).path.rpartition("/")[2] if text.startswith("http") else text


def _middle(pem: str) -> str:
    """A line out of the middle of a PEM file: beginnings and ends are alike from file to file."""
    lines = [line for line in pem.splitlines() if line and not line.startswith("-")]
    return lines[len(lines) // 2] if lines else ""


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
