"""The tuned settings, and where the API is."""

from __future__ import annotations

from benchmarks.peers.tuned import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peers.ninja.api"
