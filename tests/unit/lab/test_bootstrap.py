"""bootstrap.sh on VMs that lack something: one sentence, a non-zero exit, nothing done."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from lab import paths


def bootstrap(tmp_path: Path, *words: str, fakes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script with nothing on PATH but a few tools and the fakes."""
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(paths.ROOT / "deploy/bootstrap.sh", tmp_path / "deploy")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for tool in ("sh", "dirname", "mkdir", "cut", "grep", "head", "tail", "cat", "env"):
        (bin_ / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    for name, body in fakes.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{body}\n")
        (bin_ / name).chmod(0o755)
    return subprocess.run(
        [script, *words], env={"PATH": str(bin_)}, capture_output=True, text=True, check=False, timeout=20
    )


def test_engine_missing_and_no_root(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "engine", fakes={"id": "echo 1000"})
    assert done.returncode == 1
    assert "needs root, and there is no sudo here; run this as root" in done.stderr


def test_python_too_old(tmp_path: Path) -> None:
    python = 'case "$1" in -c) exit 1 ;; -V) echo Python 3.9.2 ;; esac'
    done = bootstrap(tmp_path, "python", fakes={"python3": python})
    assert done.returncode == 1
    assert "python3 is Python 3.9.2, but the lab needs 3.11 or newer" in done.stderr


def test_no_apt(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "packages", "nginx-light", fakes={"id": "echo 0", "dpkg-query": "exit 1"})
    assert done.returncode == 1
    assert "no apt-get here; install nginx-light with your own package manager" in done.stderr


def test_a_failed_install_shows_apts_own_error_and_leaves_services_as_they_were(tmp_path: Path) -> None:
    apt = 'case "$*" in *install*) echo "E: Unable to locate package nonesuch"; exit 100 ;; esac'
    fakes = {"id": "echo 0", "dpkg-query": "exit 1", "apt-get": apt, "apt-cache": "exit 0"}
    fakes |= {"chmod": "", "tee": "", "rm": f"echo removed $1 >>{tmp_path}/rm.log"}
    done = bootstrap(tmp_path, "packages", "nonesuch", fakes=fakes)
    assert done.returncode == 1
    assert "apt-get could not install nonesuch: E: Unable to locate package nonesuch" in done.stderr
    if not Path("/usr/sbin/policy-rc.d").exists():
        assert (tmp_path / "rm.log").read_text() == "removed /usr/sbin/policy-rc.d\n"


def test_unknown_step(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "everything", fakes={})
    assert done.returncode == 1
    assert "usage: deploy/bootstrap.sh python" in done.stderr
