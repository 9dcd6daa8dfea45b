"""The tuned settings, and where the views are."""

from __future__ import annotations

from benchmarks.peers.tuned import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peers.floor.views"
