"""One wire for all tests of this folder; each test finds it without conditions."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.link.wire import Wire


@pytest.fixture(scope="session")
def _namespaces() -> None:
    """Root's right to make network namespaces; without it these tests are skipped, in capitals."""
    tools = [tool for tool in ("ip", "nft", "iperf3", "ping") if not shutil.which(tool)]
    if tools:
        pytest.skip(f"THE LINK'S TESTS DID NOT RUN: MISSING HERE: {', '.join(tools)}")
    name = "tllink-probe"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        pytest.skip("THE LINK'S TESTS DID NOT RUN: NO NETWORK NAMESPACES CAN BE MADE HERE (not root?)")
    subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.fixture(scope="session")
def _wire(_namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    directory: Path = tmp_path_factory.mktemp("link")
    with Wire(directory, engine="userspace") as wire:
        wire.start()
        yield wire


@pytest.fixture
def wire(_wire: Wire) -> Iterator[Wire]:
    """The running wire, its supervisor without wishes."""
    yield _wire
    if _wire.daemon is None:
        _wire.start()
    assert "error" not in _wire.clear()
