"""The docs as a site, made once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import docs_site


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    return docs_site.made(tmp_path_factory.mktemp("docs"))
