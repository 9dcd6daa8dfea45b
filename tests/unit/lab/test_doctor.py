"""`make doctor` on a VM that has no engine yet: that is when it is asked most."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lab import doctor, engine, paths
from lab.errors import ExitCode, LabError


@pytest.fixture
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine answers, and there is no .env."""

    def none() -> tuple[engine.Client, ...]:
        raise LabError("no container engine answers; run: make up", ExitCode.UNMEASURED)

    monkeypatch.setattr(engine, "clients", none)
    monkeypatch.setenv("LAB_ENV_FILE", str(tmp_path / "env"))


@pytest.mark.usefixtures("_bare")
def test_every_fact_is_told_without_an_engine() -> None:
    facts = dict(doctor.facts())
    assert facts.keys() == {"system", "python", "init", "engine", "links", "CA bundle"}
    assert facts["engine"] == "no container engine answers; run: make up"


@pytest.mark.usefixtures("_bare")
def test_a_taken_port_is_found_without_an_engine(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        example = paths.ENV_EXAMPLE.read_text().replace("_PASSWORD=", "_PASSWORD=long-enough")
        (tmp_path / "env").write_text(example.replace("EDGE_PORT=8080", f"EDGE_PORT={port}"))
        found = {str(finding): finding.warning for finding in doctor.findings()}
    assert any(f"port 127.0.0.1:{port} (EDGE_PORT) cannot be used" in text for text in found)
    assert found["no container engine answers; make up installs and starts one"] is True
