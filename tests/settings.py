"""The service's settings, for tests: secrets that are none, scratch directories, quick password hashes."""

from __future__ import annotations

import os
import tempfile

_scratch = tempfile.TemporaryDirectory(prefix="ticketlab-tests-")

os.environ.setdefault("SECRET_KEY", "known to everybody who reads the tests, and so no secret at all")
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("STATIC_ROOT", _scratch.name)
os.environ.setdefault("MEDIA_ROOT", f"{_scratch.name}/media")
os.environ.setdefault("DISCORD_WEBHOOK_INSIDE", "127.0.0.1")

from drf_jwt_backend.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
