"""What `make dev` keeps, in .lab/dev: secrets, users, the database, static files, logs."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from lab import paths
from lab.dev.programs import allowed_hosts
from lab.dev.supervisor import LOOPBACK
from lab.errors import LabError
from lab.people import PEOPLE
from lab.process import last_words, run

TICKETS = 1300
SEED = 10
WEBHOOK_ID = "1300000000000000001"


@dataclass(frozen=True)
class User:
    """One of the lab's users, as `manage.py ensure_users` reads it."""

    username: str
    password: str
    role: str
    departments: tuple[str, ...] = ()


class DevState:
    """The directory, and the steps that fill it; each step changes only what is missing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.static_root = directory / "static"
        self.media_root = directory / "media"
        self.edge_run_dir = directory / "run" / "edge"
        self.logs = directory / "logs"
        self._users_file = directory / "users.json"
        self._fixture = directory / "generated_tickets.json"
        for path in (self.edge_run_dir, self.logs):
            path.mkdir(parents=True, exist_ok=True)

    def log(self, name: str) -> Path:
        """An empty log file for a program."""
        path = self.logs / f"{name}.log"
        path.write_text("")
        return path

    def users(self) -> list[User]:
        """The lab's users; their passwords are made up once."""
        kept = json.loads(_keep_secret(self._users_file, "[]\n"))
        names = {user["username"] for user in kept}
        new = [p.record(secrets.token_urlsafe(9)) for p in PEOPLE if p.username not in names]
        if new:
            self._users_file.write_text(json.dumps(kept + new, indent=2) + "\n")
        return [User(**user) for user in kept + new]

    def app_environment(self, discord_port: int) -> dict[str, str]:
        """The app's settings, for Gunicorn and for `manage.py`."""
        _keep_secret(self.directory / "secret_key", secrets.token_urlsafe(48))
        stand_in = f"http://{LOOPBACK}:{discord_port}/api/webhooks/{WEBHOOK_ID}/{self._webhook_token()}"
        return {
            "SECRET_KEY_FILE": str(self.directory / "secret_key"),
            "ALLOWED_HOSTS": allowed_hosts(),
            "DATABASE_URL": f"sqlite:///{quote(str(self.directory / 'db.sqlite3'))}",
            "NUM_PROXIES": "1",
            "STATIC_ROOT": str(self.static_root),
            "MEDIA_ROOT": str(self.media_root),
            "DISCORD_WEBHOOK_INSIDE": LOOPBACK,
            "DISCORD_WEBHOOK_URL": os.environ.get("DISCORD_WEBHOOK_URL") or stand_in,
        }

    def discord_environment(self) -> dict[str, str]:
        """The stand-in's settings."""
        return {
            "DISCORD_WEBHOOK_ID": WEBHOOK_ID,
            "DISCORD_WEBHOOK_TOKEN": self._webhook_token(),
            "DISCORD_LEDGER": str(self.directory / "ledger.jsonl"),
        }

    def prepare(self, environment: Mapping[str, str]) -> None:
        """Database, users, tickets (if there are none) and static files, by the app's own commands."""
        new_passwords = [] if self._users_file.exists() else ["--reset-passwords"]
        self.users()
        self._manage(environment, "migrate", "--noinput", "--verbosity", "0")
        if not self._fixture.exists():
            options = ["--count", str(TICKETS), "--seed", str(SEED), "--output", str(self._fixture)]
            self._manage(environment, "generate_tickets", *options)
        self._manage(environment, "load_tickets", "--if-empty", str(self._fixture))
        # After the departments, since agents work in them.
        self._manage(environment, "ensure_users", *new_passwords, str(self._users_file))
        self._manage(environment, "collectstatic", "--noinput", "--verbosity", "0")

    def write_environment_file(self, environment: Mapping[str, str]) -> Path:
        """A file for the shell that makes `manage.py` work on this database: `set -a; . FILE`."""
        path = self.directory / "env"
        path.unlink(missing_ok=True)
        _keep_secret(path, "".join(f"{name}={shlex.quote(value)}\n" for name, value in environment.items()))
        return path

    def _webhook_token(self) -> str:
        return _keep_secret(self.directory / "webhook_token", secrets.token_urlsafe(48))

    @staticmethod
    def _manage(environment: Mapping[str, str], command: str, *arguments: str) -> None:
        manage = paths.ROOT / "app" / "manage.py"
        done = run([sys.executable, str(manage), command, *arguments], env={**os.environ, **environment})
        if done.returncode:
            raise LabError(f"manage.py {command}: {last_words(done, lines=1)}")


def _keep_secret(path: Path, text: str) -> str:
    """What the file holds; if there is none, `text` is written to it first, for its owner's eyes only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
    return path.read_text()
