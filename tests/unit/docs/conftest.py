"""The docs as a site, made once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import paths
from lab.docs import build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the site of a lab that does not run, at addresses other than those in the pages."""
    state = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_STATE", str(state))
        patch.setenv("LAB_ENV_FILE", str(state / "env"))
        shipped = paths.ENV_EXAMPLE.read_text()
        (state / "env").write_text(
            shipped.replace("=10.10\n", "=10.77\n")
            .replace("=10.10.10.1,", "=10.77.10.1,")
            .replace("_PASSWORD=", "_PASSWORD=of-nobody")
            .replace("NAME=ticketlab", "NAME=tl-no-such-lab")
        )
        yield build.build()
