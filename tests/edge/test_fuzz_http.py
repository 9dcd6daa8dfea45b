"""Malformed requests against real Nginx and Gunicorn: no 5xx, no death, and both agree where each ends."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tests.edge.fuzzing.run import fuzz
from tests.edge.fuzzing.site import fuzzed_site

SECONDS = float(os.environ.get("SECONDS") or 20)


def test_both_ends_agree_on_every_request(tmp_path: Path) -> None:
    """Other conversations each time; SEED repeats one."""
    seed = int(os.environ.get("SEED") or secrets.token_hex(4), 16)
    with fuzzed_site(tmp_path) as site:
        tally = fuzz(site, SECONDS, seed)
    print(f"SEED={seed:x}: {tally}")
    assert not tally.findings, f"SEED={seed:x}\n" + "\n".join(tally.findings[:5])
    assert tally.passed_on > tally.conversations / 10
