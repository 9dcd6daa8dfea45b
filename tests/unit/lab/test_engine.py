"""Picking a docker client and a Compose among odd ones: fake programs stand in for them on PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import engine
from lab.errors import LabError


@pytest.fixture(autouse=True)
def forget() -> None:
    for cached in (engine.clients, engine.builder, engine.compose_argv):
        cached.cache_clear()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setenv("PATH", ":".join(map(str, folders)))
    programs = engine._programs
    # This machine's own clients are not to be found.
    monkeypatch.setattr(engine, "_programs", lambda: [p for p in programs() if p.startswith(str(tmp_path))])
    return folders


def fake(
    folder: Path, name: str, version: str, *, buildx: bool = False, compose: bool = False, api: str = "1.24"
) -> str:
    program = folder / name
    program.write_text(
        "#!/bin/sh\n"
        f'case "$1 $2" in "version --format") echo "{version}|20.10.24|{api}" ;;\n'
        f'"buildx version") exit {int(not buildx)} ;;\n'
        f'"compose version") exit {int(not compose)} ;;\n'
        f'"version --short") echo {version} ;; *) exit 1 ;; esac\n'
    )
    program.chmod(0o755)
    return str(program)


def test_a_new_client_without_buildx_is_passed_over_for_building(path: list[Path]) -> None:
    bare = fake(path[0], "docker", "28.2.2")
    old = fake(path[1], "docker", "20.10.24+dfsg1")
    assert engine.clients()[0].argv == (bare,)
    assert engine.builder().argv == (old,)


def test_a_new_client_with_buildx_builds(path: list[Path]) -> None:
    new = fake(path[0], "docker", "28.2.2", buildx=True)
    assert engine.builder().argv == (new,)


def test_no_client_that_builds_names_the_package(path: list[Path]) -> None:
    fake(path[0], "docker", "28.2.2")
    with pytest.raises(LabError, match="apt-get install docker-buildx"):
        engine.builder()


def test_no_engine_names_make_up(path: list[Path]) -> None:
    with pytest.raises(LabError, match="no container engine answers; run: make up"):
        engine.clients()


def test_compose_plugin_is_preferred_to_the_old_program(path: list[Path]) -> None:
    fake(path[0], "docker-compose", "1.29.2")
    fake(path[0], "docker", "20.10.24")
    plugin = fake(path[1], "docker", "26.1.5", compose=True)
    assert engine.compose_argv() == (plugin, "compose")


def test_old_compose_with_a_new_engine_is_refused(path: list[Path]) -> None:
    fake(path[0], "docker", "29.0.0", buildx=True, api="1.44")
    fake(path[0], "docker-compose", "1.29.2")
    with pytest.raises(LabError, match=r"docker-compose 1\.29\.2 is too old"):
        engine.compose_argv()
