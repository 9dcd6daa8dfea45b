"""With a bundle's packages in .lab/offline, nothing is asked of a network."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import paths, vm


def _noting(asked: list[str]) -> Callable[[str], set[str]]:
    def resolve(host: str) -> set[str]:
        asked.append(host)
        return {"192.0.2.7"}

    return resolve


def test_package_sources_are_looked_up_only_where_they_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(vm, "_package_hosts", lambda: {"pypi.org"})
    monkeypatch.setattr(vm, "resolve", _noting(asked))
    monkeypatch.setattr(vm, "name_servers", lambda: ["192.0.2.53"])
    assert len(list(vm.addresses_in_use())) == 2
    assert asked == ["pypi.org"]
    (tmp_path / ".lab/offline").mkdir(parents=True)
    assert list(vm.addresses_in_use()) == [("192.0.2.53", "this VM's name server")]
    assert asked == ["pypi.org"]


def _bootstrap(tmp_path: Path, *words: str, fakes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """bootstrap.sh with fakes, which tell what they were called with."""
    for name in ("deploy", "bin", ".lab/offline/uv", ".lab/offline/wheels", ".lab/offline/debs", ".venv/bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".lab/offline/debs/apt.conf").touch()
    script = shutil.copy(paths.ROOT / "deploy/bootstrap.sh", tmp_path / "deploy")
    for name, body in fakes.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    env = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    return subprocess.run([script, *words], env=env, capture_output=True, text=True, check=False, timeout=20)


def test_uv_takes_packages_from_the_bundle_alone(tmp_path: Path) -> None:
    uv = 'case "$1" in --version) echo "uv 0.0.0" ;; *) echo "$UV_OFFLINE $UV_CACHE_DIR" >&2; exit 2 ;; esac'
    fakes = {"bin/python3": "exit 0", ".venv/bin/uv": uv, ".venv/bin/python": 'echo "pip: $*" >&2'}
    done = _bootstrap(tmp_path, "python", "dev", fakes=fakes)
    assert f"--no-index --find-links {tmp_path}/.lab/offline/wheels uv==" in done.stderr
    assert f"1 {tmp_path}/.lab/offline/uv" in done.stderr
    assert done.returncode == 1
    assert "the bundle lacks packages of --group dev; with a network, take .lab/offline away" in done.stderr


def test_apt_knows_the_bundles_packages_alone(tmp_path: Path) -> None:
    fakes = dict.fromkeys(("bin/apt-get", "bin/apt-cache"), 'echo "$APT_CONFIG" >>"$APT_CONFIG"; exit 1')
    done = _bootstrap(tmp_path, "packages", "nonesuch", fakes={**fakes, "bin/id": "echo 0"})
    assert done.returncode == 1
    config = tmp_path / ".lab/offline/debs/apt.conf"
    assert set(config.read_text().split()) == {str(config)}


def test_a_base_image_that_is_gone_is_not_fetched(tmp_path: Path) -> None:
    docker = 'case "$1" in info) exit 0 ;; *) echo "docker $*" >&2; exit 1 ;; esac'
    done = _bootstrap(tmp_path, "base", fakes={"bin/docker": docker})
    assert done.returncode == 1
    assert "make install-bundle BUNDLE=file brings it back" in done.stderr
    assert "pull" not in done.stderr
