"""Where the checkout and the lab's own files are.

Three environment variables let a second lab run beside the first (the tests do): LAB_ENV_FILE names another
.env, LAB_STATE another folder for what the lab writes, and LAB_IMAGES what its images' names begin with (for
a second checkout, whose ticketlab/app is not that of the first).
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


def backups() -> Path:
    """The folder for backups; git ignores it."""
    return ROOT / "backups" if "LAB_STATE" not in os.environ else state() / "backups"


def offline() -> Path:
    """A bundle's packages, where make install-bundle was here; deploy/bootstrap.sh looks there too."""
    return ROOT / ".lab/offline"


def images() -> str:
    """What the names of the lab's images begin with."""
    return os.environ.get("LAB_IMAGES", "ticketlab")


def answers() -> Path:
    """The folder of a student's answers: theirs to edit, so beside the Makefile; a second lab has its own."""
    return state() / "answers" if "LAB_STATE" in os.environ else ROOT / "answers"
