"""Where the checkout and the lab's own files are.

Two environment variables let a second lab run beside the first (the tests do): LAB_ENV_FILE names another
.env, and LAB_STATE another folder for what the lab writes.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
ENV_EXAMPLE = ROOT / ".env.example"


def env_file() -> Path:
    """The user's settings."""
    return Path(os.environ.get("LAB_ENV_FILE", ROOT / ".env")).absolute()


def state() -> Path:
    """The folder for secrets, generated files and caches; git ignores it."""
    return Path(os.environ.get("LAB_STATE", ROOT / ".lab")).absolute()
