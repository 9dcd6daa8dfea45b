"""The docs as a site, made for tests: of a lab that does not run, at other addresses than in the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import paths
from lab.docs import build


def made(state: Path) -> Path:
    """Make the site with `state` as the lab's state folder; return the site's own."""
    shipped = paths.ENV_EXAMPLE.read_text()
    for before, after in (
        ("LAB_PREFIX=10.10\n", "LAB_PREFIX=10.77\n"),
        ("=10.10.10.1,", "=10.77.10.1,"),
        ("_PASSWORD=", "_PASSWORD=of-nobody"),
        ("PROJECT_NAME=ticketlab", "PROJECT_NAME=tl-no-such-lab"),
    ):
        assert before in shipped
        shipped = shipped.replace(before, after)
    (state / "env").write_text(shipped)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_STATE", str(state))
        patch.setenv("LAB_ENV_FILE", str(state / "env"))
        return build.build()
