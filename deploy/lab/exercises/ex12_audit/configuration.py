"""The configuration that the lab runs with, in answers/12: the shipped files, with weaknesses planted."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import paths
from lab.errors import ExitCode, LabError
from lab.exercises.ex12_audit.drawn import Drawn
from lab.firewall import loader
from lab.settings import Settings

PRIVATE = 0o600
COMPOSE_HEAD = """\
# What the hosts edge, app1 and app2 run with: laid over docker-compose.yml.
# After a change: make apply EX=12
"""
ENVIRONMENT = {
    "ALLOWED_HOSTS": "${ALLOWED_HOSTS:-10.10.10.1,localhost,127.0.0.1}",
    "DEBUG": "false",
    "LOG_LEVEL": "${LOG_LEVEL:-INFO}",
    "NUM_PROXIES": "1",
    "THROTTLE_FILE_TICKET": "${THROTTLE_FILE_TICKET:-10/min}",
    "WEB_THREADS": "${WEB_THREADS:-4}",
    "WEB_WORKERS": "${WEB_WORKERS:-2}",
}
PORTS = ["127.0.0.1:${EDGE_PORT:-8080}:80", "127.0.0.1:${EDGE_TLS_PORT:-8443}:443"]


@dataclass
class Configuration:
    """The files' contents, to be planted in; `env_mode` is the mode of .env, which is no file of ours."""

    settings: Settings
    nginx: dict[str, str]
    router: str
    hosts: dict[str, Any]
    accounts: list[dict[str, Any]]
    env_mode: int = PRIVATE

    def swap(self, file: str, old: str, new: str) -> None:
        """Put another text in the place of one that stands once in a file of Nginx's."""
        self.nginx[file] = swapped(self.nginx[file], old, new, f"nginx/{file}")

    def swap_rule(self, old: str, new: str) -> None:
        """As `swap`, in the router's rules."""
        self.router = swapped(self.router, old, new, "deploy/firewall/router.nft")

    def tell_apps(self, name: str, value: str) -> None:
        """Set a variable in the environment of both app servers."""
        for host in ("app1", "app2"):
            self.hosts[host]["environment"][name] = value


Plant = Callable[[Configuration, Drawn], None]


def swapped(text: str, old: str, new: str, where: str) -> str:
    """The text with `new` for `old`; raises LabError (exit code 2) unless `old` is there once."""
    if text.count(old) != 1:
        said = f"{where} is not as shipped: '{old.strip()}' is not there once"
        raise LabError(f"{said}; git checkout {where} brings it back", ExitCode.USAGE)
    return text.replace(old, new)


def folder() -> Path:
    """Where the student edits them."""
    return paths.answers() / "12"


def compose_file() -> Path:
    """What is laid over docker-compose.yml."""
    return folder() / "compose.yml"


def shipped(settings: Settings, drawn: Drawn) -> Configuration:
    """A configuration without a weakness."""
    confined = {"read_only": True, "pids_limit": 256, "cap_add": []}
    hosts: dict[str, Any] = {
        "edge": {**_copy(confined), "ports": list(PORTS), "volumes": [f"{folder()}/nginx:/etc/nginx/lab:ro"]},
        "app1": {**_copy(confined), "environment": dict(ENVIRONMENT)},
        "app2": {**_copy(confined), "environment": dict(ENVIRONMENT)},
    }
    accounts = [
        {"username": name, "password": _password(settings, name), "role": "student"}
        for name in sorted(drawn.accounts)
    ]
    nginx = {
        file.name: file.read_text() for file in sorted((paths.ROOT / "nginx").iterdir()) if file.is_file()
    }
    return Configuration(settings, nginx, loader.FILE.read_text(), hosts, accounts)


def set_aside() -> None:
    """Copy a folder that is there to answers/12.before, which it replaces."""
    if folder().exists():
        before = folder().with_suffix(".before")
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(folder(), before)


def _password(settings: Settings, name: str) -> str:
    """One that nobody guesses, and the same each time: an unchanged file need not be applied again."""
    return hashlib.sha256(f"{settings['INSTRUCTOR_PASSWORD']} {name}".encode()).hexdigest()[:20]


def _copy(body: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, list) else value for name, value in body.items()}


def write(configuration: Configuration) -> None:
    """Write the folder's files. It holds passwords, so nobody else may enter it.

    In place: the edge has mounted nginx/, and would not see another folder of that name.
    """
    nginx = folder() / "nginx"
    nginx.mkdir(parents=True, exist_ok=True)
    folder().chmod(0o700)
    for file in nginx.iterdir():
        if file.name not in configuration.nginx:
            file.unlink()
    for name, text in configuration.nginx.items():
        (nginx / name).write_text(text)
        (nginx / name).chmod(0o755 if name.endswith(".sh") else 0o644)
    (folder() / "router.nft").write_text(configuration.router)
    text = yaml.safe_dump({"services": configuration.hosts}, sort_keys=False, default_flow_style=False)
    compose_file().write_text(COMPOSE_HEAD + text)
    (folder() / "accounts.json").write_text(json.dumps(configuration.accounts, indent=2) + "\n")
