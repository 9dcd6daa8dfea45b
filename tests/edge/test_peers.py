"""The benchmark's peers answer as the service does: without that, nothing can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.service import data, sameness, servers
from benchmarks.service.servers import SERVICE, Server
from lab.errors import LabError


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    here = tmp_path_factory.mktemp("peers")
    settings, database = servers.shared_settings(here), here / "data.sqlite3"
    data.make(database, 120)
    everyone = {name: (name, database) for name in (SERVICE, *servers.PEERS)}
    with servers.running(everyone, settings, here) as up:
        yield up


def test_every_peer_answers_as_the_service_does(up: dict[str, Server]) -> None:
    sameness.check(up[SERVICE], [up[name] for name in servers.PEERS])


def test_a_peer_that_differs_is_found(up: dict[str, Server], tmp_path: Path) -> None:
    token = up[SERVICE].token(data.INSTRUCTOR)
    assert up["floor"].ask("POST", servers.LIST, token, sameness.NEW)[0] == 201
    with pytest.raises(LabError, match=r"floor does not answer GET /api/tickets/ .*, count is"):
        sameness.check(up[SERVICE], [up["floor"]])
