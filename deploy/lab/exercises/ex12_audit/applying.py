"""Putting answers/12 into force: rules, Nginx's files, containers and accounts; and taking all of it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab import paths
from lab.engine import docker, running
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex12_audit import people
from lab.exercises.ex12_audit.configuration import folder
from lab.exercises.ex12_audit.drawn import Drawn
from lab.tls.switch import RELOAD

HOSTS = ("edge", "app1", "app2")


@dataclass
class Kept:
    """What a reset must know, kept in the state folder: the mode of .env, the accounts that were made.

    `applied` has a checksum of each part that is in force, so that an unchanged one is not applied again.
    """

    env_mode: int = 0o600
    accounts: list[str] = field(default_factory=list)
    applied: dict[str, str] = field(default_factory=dict)


def _file() -> Path:
    return paths.state() / "exercise-12.json"


def kept() -> Kept | None:
    """What was kept, if something is planted."""
    return Kept(**json.loads(_file().read_text())) if _file().exists() else None


def keep(what: Kept) -> None:
    """Keep it, whole or not at all."""
    new = _file().with_suffix(".new")
    new.write_text(json.dumps(asdict(what)))
    new.replace(_file())


def apply(lab: RunningLab, _: Drawn) -> None:
    """Make the lab run with what is in the folder.

    Raises LabError (exit code 2) for a file that is missing or malformed, and in the words of nft, Nginx or
    Compose for one that they refuse; the part that was refused stays as it was.
    """
    known = kept() or Kept()
    accounts = _accounts()
    _part(lab, known, "router.nft", lambda: lab.load_rules(_there("router.nft")))
    _reload(lab)
    lab.recreate(HOSTS, _there("compose.yml"))
    _part(lab, known, "accounts.json", lambda: people.make(lab, known.accounts, accounts))


def _there(name: str) -> Path:
    file = folder() / name
    if not file.exists():
        said = f"there is no answers/12/{name}; make start EX=12 writes the folder anew"
        raise LabError(said, ExitCode.USAGE)
    return file


def _accounts() -> list[dict[str, Any]]:
    try:
        found = json.loads(_there("accounts.json").read_text())
    except ValueError as error:
        said = f"answers/12/accounts.json is not JSON: {error}; mend it there"
        raise LabError(said, ExitCode.USAGE) from error
    if not isinstance(found, list):
        raise LabError("answers/12/accounts.json is no list; put [ and ] around the accounts", ExitCode.USAGE)
    return found


def _part(lab: RunningLab, known: Kept, name: str, do: Callable[[], None]) -> None:
    """Apply a part unless it is in force: the same text as last time, and the rules that it led to."""
    text = _there(name).read_text() + lab.settings.project
    if known.applied.get(name) == _sum(text + _in_force(lab, name)):
        return
    do()
    known.applied[name] = _sum(text + _in_force(lab, name))
    keep(known)


def _in_force(lab: RunningLab, name: str) -> str:
    return lab.rules() if name == "router.nft" else ""


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _reload(lab: RunningLab) -> None:
    """Have the edge read its files again, if it runs with the folder's; Nginx checks them first."""
    _there("nginx/nginx.conf")
    nginx = folder() / "nginx"
    for edge in running(lab.settings.project, "edge"):
        mounts = json.loads(docker("inspect", "--format", "{{json .Mounts}}", edge))
        if any(mount["Source"] == str(nginx) for mount in mounts):
            _read_again(lab, edge, nginx)


def _read_again(lab: RunningLab, edge: str, nginx: Path) -> None:
    # Who removed the folder and made it again has another one: the edge still has the first.
    seen = lab.tried("edge", "stat", "-c", "%i", "/etc/nginx/lab").stdout.strip()
    if seen != str(nginx.stat().st_ino):
        docker("restart", "--time", "5", edge)
        return
    try:
        docker("exec", edge, "sh", "-c", RELOAD)
    except LabError as error:
        said = f"Nginx does not take answers/12/nginx ({error})"
        raise LabError(f"{said}; mend it there, then make apply EX=12") from error


def not_in_force(lab: RunningLab) -> list[str]:
    """The hosts that do not run as the folder says."""
    return lab.differing(HOSTS, _there("compose.yml"))


def take_back(lab: RunningLab) -> None:
    """Everything as shipped but the rules, which every reset brings back. Twice is no harm."""
    known = kept()
    if known:
        paths.env_file().chmod(known.env_mode)
    lab.recreate(HOSTS)
    if known:
        people.make(lab, known.accounts, [])
        _file().unlink()
