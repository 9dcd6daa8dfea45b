"""The instructor's key: who has it may have an exercise solved. An Ed25519 pair, its public half in .env."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lab.errors import ExitCode, LabError


def make(file: Path) -> str:
    """Write a new private key, for its owner's eyes alone, and return the public half as CLASS_KEY has it.

    Raises LabError (exit code 2) rather than overwrite a file.
    """
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise LabError(f"{file} is there already; name another file", ExitCode.USAGE) from None
    file.write_bytes(text)
    return public(private.public_key())


def public(key: Ed25519PublicKey) -> str:
    """A public key in a line of text."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(file: Path) -> Ed25519PrivateKey:
    """The private key in a file; raises LabError (exit code 2) for anything else."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except FileNotFoundError:
        said = f"there is no {file}; say where the key is: KEY=instructor.key"
        raise LabError(said, ExitCode.USAGE) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise LabError(f"{file} is no instructor's key; lab class-key FILE makes one", ExitCode.USAGE)
    return key


def must_fit(file: Path, class_key: str) -> None:
    """Raise LabError (exit code 2) unless the file has the private half of this lab's CLASS_KEY."""
    if not class_key:
        said = "this lab has no CLASS_KEY in .env, so nobody has the key to its solutions"
        raise LabError(f"{said}; lab class-key instructor.key makes a pair", ExitCode.USAGE)
    if public(read(file).public_key()) != class_key:
        raise LabError(f"{file} is not the key of this lab's CLASS_KEY", ExitCode.USAGE)
