"""Which scheme the application believes: the proxy's word behind a proxy, and nobody's without one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lab import paths

ASK = """
import django
django.setup()
from django.test import RequestFactory
for header in ({}, {"HTTP_X_FORWARDED_PROTO": "http"}, {"HTTP_X_FORWARDED_PROTO": "https"}):
    print(RequestFactory().get("/api/tickets/", HTTP_HOST="10.10.10.1", **header).build_absolute_uri())
"""


@pytest.mark.parametrize(("proxies", "believed"), [("1", "https"), ("0", "http")])
def test_forwarded_scheme(proxies: str, believed: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "k" * 32,
        "NUM_PROXIES": proxies,
        "DJANGO_SETTINGS_MODULE": "drf_jwt_backend.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=paths.ROOT / "app", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    schemes = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert schemes == ["http", "http", believed]
