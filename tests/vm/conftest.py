"""A wire with the engine that the kernel offers; without netem these tests are skipped, in capitals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.link.wire import Wire


@pytest.fixture(scope="session")
def _wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    directory: Path = tmp_path_factory.mktemp("link")
    with Wire(directory) as wire:
        wire.start()
        answer = wire.ask(verb="show")
        if answer["engine"] != "netem":
            pytest.skip(f"THE NETEM ENGINE WAS NOT TESTED: {answer['reason']}; run: make test-vm")
        yield wire


@pytest.fixture
def wire(_wire: Wire) -> Iterator[Wire]:
    """The running wire, without conditions."""
    yield _wire
    assert "error" not in _wire.clear()
