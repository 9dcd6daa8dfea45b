"""What is bundled, and the images of a bundle under this checkout's names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab import images, paths
from lab.bundle import debian, load, pack, parts
from lab.errors import ExitCode, LabError


def _git(folder: Path, *words: str) -> None:
    argv = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder), *words]
    subprocess.run(argv, check=True, capture_output=True)


def test_only_what_is_committed_is_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(LabError, match="only a git checkout can be bundled"):
        parts.commit()
    _git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("1")
    _git(tmp_path, "add", "file")
    _git(tmp_path, "commit", "-qm", "x")
    assert len(parts.commit()) == 40
    (tmp_path / "file").write_text("2")
    with pytest.raises(LabError, match="file differs from the last commit") as refused:
        parts.commit()
    assert refused.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(("version", "is_asked"), [(parts.VERSION, True), ("2.7", False)])
def test_the_packages_are_those_of_the_distributions_python_too(
    version: str, is_asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same version, it may be of another patch release, for which uv.lock may name other packages."""
    (tmp_path / "python3").write_text(f"#!/bin/sh\necho {version}\n")
    (tmp_path / "python3").chmod(0o755)
    (tmp_path / "bundle").mkdir()
    monkeypatch.setattr(parts, "SYSTEM_PYTHON", str(tmp_path / "python3"))
    asked: list[str] = []

    def sync(program: str, cache: Path, _: Path) -> None:
        cache.mkdir(exist_ok=True)
        asked.append(program)

    monkeypatch.setattr(parts, "_sync", sync)
    monkeypatch.setattr(parts, "output", lambda *_, **__: "")
    parts.python(tmp_path / "bundle", "1.0")
    assert asked == [sys.executable, *([str(tmp_path / "python3")] if is_asked else [])]


def test_a_full_disk_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "commit", lambda: "0" * 40)
    monkeypatch.setattr(pack, "ROOM", 1 << 60)
    with pytest.raises(LabError, match="make room"):
        pack.pack(tmp_path, print)
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_listed_as_apt_wants_it(tmp_path: Path) -> None:
    control = tmp_path / "made/DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.write_text(
        "Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: none\n"
    )
    file = tmp_path / "tiny_1%3a1_all.deb"
    subprocess.run(
        ["dpkg-deb", "--build", str(control.parents[1]), str(file)], check=True, capture_output=True
    )
    lines = debian._entry(file).splitlines()
    assert lines[0] == "Package: tiny"
    assert f"Filename: ./{file.name}" in lines
    assert f"Size: {file.stat().st_size}" in lines


class Engine:
    """An engine that notes what it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stale: list[str]) -> None:
        self.told: list[tuple[str, ...]] = []
        monkeypatch.setattr(load, "docker", self._note)
        monkeypatch.setattr(images, "stale", lambda: stale)
        monkeypatch.setenv("LAB_IMAGES", "mine")

    def _note(self, *words: str) -> str:
        self.told.append(words)
        return ""


def test_images_get_this_checkouts_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = Engine(monkeypatch, [])
    assert load.load(tmp_path / "images.tar.gz", "theirs")[0] == "mine/client"
    assert ("tag", "theirs/app:checkout", "mine/app:checkout") in engine.told
    assert ("tag", "theirs/app:checkout", "mine/app") in engine.told
    assert ("rmi", "theirs/app:checkout") in engine.told
    engine.told.clear()
    load.load(tmp_path / "images.tar.gz", "mine")
    assert "rmi" not in {words[0] for words in engine.told}


def test_images_of_another_checkout_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Engine(monkeypatch, ["app", "edge"])
    with pytest.raises(LabError, match=r"not those of this checkout \(app, edge\)"):
        load.load(tmp_path / "images.tar.gz", "mine")
