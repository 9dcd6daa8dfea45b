"""Malformed requests against real Nginx and Gunicorn: no 5xx, no death, and both agree where each ends."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.edge.fuzzing.run import fuzz
from tests.edge.fuzzing.site import database, fuzzed_site

SECONDS = float(os.environ.get("SECONDS") or 20)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return database(tmp_path_factory.mktemp("database"))


def test_both_ends_agree_on_every_request(tmp_path: Path, settings: dict[str, str]) -> None:
    """Other conversations each time; SEED repeats one."""
    seed = int(os.environ.get("SEED") or secrets.token_hex(4), 16)
    with fuzzed_site(tmp_path, settings) as site:
        tally = fuzz(site, SECONDS, seed)
    print(f"SEED={seed:x}: {tally}")
    assert not tally.findings, f"SEED={seed:x}\n" + "\n".join(tally.findings[:5])
    assert tally.passed_on > tally.conversations / 10


UNDERSCORES = {"server_tokens off;": "server_tokens off; underscores_in_headers on;"}
LOST_LENGTH = {'Connection "";': 'Connection ""; proxy_set_header Content-Length 0;'}
OTHER_METHOD = {'Connection "";': 'Connection ""; proxy_method GET;'}


@pytest.mark.parametrize(
    ("nginx", "gunicorn", "application", "found"),
    [
        (LOST_LENGTH, (), "recorder:app", "hidden-"),
        (UNDERSCORES, ("--header-map", "dangerous"), "recorder:app", "chunked:"),
        (OTHER_METHOD, (), "recorder:app", "another method"),
        ({}, (), "plants:dying", "became"),
        ({}, (), "plants:failing", "status 500"),
        ({}, (), "plants:confusing", "the answer to the-one-before"),
    ],
    ids=["lost length", "underscores", "another method", "death", "5xx", "slipped answers"],
)
def test_a_planted_weakness_is_found(
    tmp_path: Path,
    settings: dict[str, str],
    nginx: dict[str, str],
    gunicorn: Sequence[str],
    application: str,
    found: str,
) -> None:
    application = f"tests.edge.fuzzing.{application}"
    with fuzzed_site(tmp_path, settings, nginx=nginx, gunicorn=gunicorn, application=application) as site:
        tally = fuzz(site, 30, seed=1)
    assert any(found in finding for finding in tally.findings), tally
