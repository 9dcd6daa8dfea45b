"""The guide's settings, with DEBUG off as under Gunicorn it should be."""

from __future__ import annotations

from benchmarks.peers.guide.settings import *  # noqa: F403

DEBUG = False
