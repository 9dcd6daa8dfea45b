"""The lab's users and their passwords, read from the JSON file that LAB_USERS_FILE names."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from common.refusal import RefusedError

VARIABLE = "LAB_USERS_FILE"
FORM = '[{"username": "…", "password": "…", "role": "agent"}]'


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in; `role` is "student", "agent" or "instructor"."""

    username: str
    password: str = field(repr=False)
    role: str


def having(role: str) -> list[Account]:
    """Return those with the role in the users file, at least one; raise RefusedError if there is none."""
    path = _users_file()
    found = [account for account in _read(path) if account.role == role]
    if not found:
        raise RefusedError(
            f'{path} has nobody with the role "{role}" for the load to log in as; add one: {FORM}.'
        )
    return found


def _users_file() -> Path:
    named = os.environ.get(VARIABLE)
    if not named:
        raise RefusedError(f"{VARIABLE} is not set; let it name the JSON file with the lab's users: {FORM}.")
    return Path(named)


def _read(path: Path) -> list[Account]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RefusedError(
            f"Cannot read the users file {path} ({error.strerror}); check {VARIABLE}."
        ) from None
    except ValueError as error:
        raise RefusedError(f"The users file {path} is not JSON ({error}); it should read {FORM}.") from None
    if not isinstance(entries, list):
        raise RefusedError(f"The users file {path} is not a list; it should read {FORM}.")
    return [
        _account(entry, f"entry {number} of the users file {path}") for number, entry in enumerate(entries, 1)
    ]


def _account(entry: object, where: str) -> Account:
    # The entry itself is never shown: it holds a password.
    texts = entry if isinstance(entry, dict) else {}
    for name in ("username", "password", "role"):
        if not isinstance(texts.get(name), str) or not texts[name]:
            raise RefusedError(f'In {where} the text "{name}" is missing; it should read {FORM}.')
    return Account(texts["username"], texts["password"], texts["role"])
