"""The VM's own list of trusted authorities, as Debian and Ubuntu keep it."""

from __future__ import annotations

import os
from pathlib import Path

from lab.errors import LabError
from lab.process import last_words, run
from lab.tls import files

LOCAL = Path("/usr/local/share/ca-certificates")


def anchor(project: str) -> Path:
    """Where the VM keeps the lab's authority while it trusts it."""
    return LOCAL / f"{project}.crt"


def trust(project: str) -> None:
    """Copy the authority's certificate there and rebuild the VM's list, through sudo when not root."""
    _root("install", "-D", "-m", "0644", str(files.ca_file()), str(anchor(project)))
    _root("update-ca-certificates")


def distrust(project: str) -> None:
    """Undo `trust`."""
    _root("rm", "-f", str(anchor(project)))
    _root("update-ca-certificates")


def _root(*words: str) -> None:
    done = run([*(() if os.geteuid() == 0 else ("sudo",)), *words])
    if done.returncode == 127:
        raise LabError(f"{words[0]} is not installed; run: sudo apt-get install ca-certificates")
    if done.returncode != 0:
        raise LabError(f"{words[0]} failed: {last_words(done)}")
