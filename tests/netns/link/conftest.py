"""One wire for all tests of this folder; each test finds it without conditions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.link.wire import Wire


@pytest.fixture(scope="session")
def _wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    directory: Path = tmp_path_factory.mktemp("link")
    with Wire(directory, engine="userspace", favoured=True) as wire:
        wire.start()
        yield wire


@pytest.fixture
def wire(_wire: Wire) -> Iterator[Wire]:
    """The running wire, its supervisor without wishes."""
    yield _wire
    if _wire.daemon is None:
        _wire.start()
    assert "error" not in _wire.clear()
