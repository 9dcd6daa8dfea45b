"""What all tests of this folder need: root, for network namespaces, and the tools that fill them."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.absent import absent


@pytest.fixture(scope="session", autouse=True)
def _root_and_tools() -> None:
    if os.geteuid() != 0:
        absent("NOT ROOT: NOTHING WAS TESTED IN NETWORK NAMESPACES")
    missing = [tool for tool in ("ip", "nft", "iperf3", "ping", "conntrack") if not shutil.which(tool)]
    if missing:
        absent(f"MISSING HERE: {', '.join(missing)}: NOTHING WAS TESTED IN NETWORK NAMESPACES")
