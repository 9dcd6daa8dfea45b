"""The distribution packages that a bare VM of this one's kind needs, as a folder that APT reads."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lab.errors import ExitCode, LabError
from lab.process import last_words, output, run

# What deploy/bootstrap.sh would install; of the alternatives those that this distribution has.
NEEDED = ("make", "python3", "python3-venv", "ca-certificates", "docker.io", "iptables")
ALSO = ("docker-cli", "docker-buildx")
COMPOSE = ("docker-compose-v2", "docker-compose")


def fetch(folder: Path) -> None:
    """Download the packages with all that they depend on, and write the index APT wants.

    With an empty package database, so that nothing is left out because this VM has it already. Raises
    LabError (exit code 3) if APT cannot fetch them.
    """
    (folder / "partial").mkdir(parents=True)
    status = folder / "status"
    status.touch()
    options = (
        *("-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="),
        *("-o", f"Dir::Cache::archives={folder}/", "-o", f"Dir::State::status={status}"),
    )
    wanted = [*NEEDED, *(name for name in ALSO if _there(name)), next(filter(_there, COMPOSE), COMPOSE[-1])]
    argv = ["apt-get", "-q", *options, "install", "--yes", "--download-only", "--no-install-recommends"]
    done = run([*argv, *wanted])
    if done.returncode:
        said = f"apt-get could not fetch the packages of a bare VM: {last_words(done)}"
        raise LabError(f"{said}; apt-get update may mend it", ExitCode.UNMEASURED)
    status.unlink()
    (folder / "partial").rmdir()
    (folder / "lock").unlink(missing_ok=True)
    packages = sorted(folder.glob("*.deb"))
    (folder / "Packages").write_text("\n".join(_entry(package) for package in packages))


def _there(name: str) -> bool:
    return run(["apt-cache", "show", "--no-all-versions", name]).returncode == 0


def _entry(package: Path) -> str:
    """A package's paragraph in the index: what it says of itself, and its file."""
    control = output(["dpkg-deb", "--field", str(package)], f"{package.name} is not readable").rstrip("\n")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    return f"{control}\nFilename: ./{package.name}\nSize: {package.stat().st_size}\nSHA256: {digest}\n"
