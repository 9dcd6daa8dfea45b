"""The key of this VM, which signs reports: an Ed25519 key, made when the first one is written."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lab import paths
from lab.errors import ExitCode, LabError
from lab.exercises import key as class_key


def file() -> Path:
    """Where it is: with the secrets, which no container is given unless the topology names them."""
    return paths.state() / "secrets/report_key"


def own() -> Ed25519PrivateKey:
    """The VM's key, made now if there is none; raises LabError (exit code 2) for a file that is no key."""
    if not file().exists():
        _make()
    try:
        key = serialization.load_pem_private_key(file().read_bytes(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise LabError(f"{file()} is no key; move it away, and make report makes a new one", ExitCode.USAGE)
    return key


def _make() -> None:
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file().parent.mkdir(parents=True, exist_ok=True)
    file().parent.chmod(0o700)
    new = file().with_suffix(".new")  # whole or not at all: half a key would stop every report to come
    new.touch(mode=0o600)
    new.write_bytes(text)
    new.replace(file())


def sign(key: Ed25519PrivateKey, text: bytes) -> str:
    """A signature in a line of text."""
    return _line(key.sign(text))


def has_signed(vm: str, text: bytes, signature: str) -> bool:
    """Whether this signature of a text is by the key whose public half is `vm`."""
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(vm)).verify(_bytes(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(line: str) -> bytes:
    """What a line says; ValueError for one that we should have written otherwise: one key, one line."""
    raw = base64.b64decode(line + "=" * (-len(line) % 4), altchars=b"-_", validate=True)
    if _line(raw) != line:
        raise ValueError(line)
    return raw


def _line(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def public(key: Ed25519PrivateKey) -> str:
    """Its public half in a line of text."""
    return class_key.public(key.public_key())


def name(vm: str) -> str:
    """A key as people compare it: its first characters."""
    return vm[:8]
