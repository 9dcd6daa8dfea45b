"""The docs as a site, made once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.docs import build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the site of a lab that was never brought up, with the settings as shipped."""
    state = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_STATE", str(state))
        patch.setenv("LAB_ENV_FILE", str(state / "env"))
        yield build.build()
