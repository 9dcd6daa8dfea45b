"""Typed settings from the environment: a missing or wrong one ends in one sentence, not in a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TypeAlias, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import EnvNotSetError, EnvValidationError, FileAwareEnv

from drf_jwt_backend.databases import database

Value = TypeVar("Value")
Nested: TypeAlias = "str | Iterable[Nested] | Mapping[object, Nested]"

# NAME_FILE=/path reads NAME from that file: how container engines hand over secrets.
env = FileAwareEnv(strip_whitespace=True)
env.add_parser("database", database)


class SettingError(ImproperlyConfigured):
    """A setting is missing or wrong; the message says which, why, and what mends it."""


def read(parse: Callable[..., Value], name: str, *, mend: str, **options: object) -> Value:
    """Read the setting `name` with one of `env`'s typed methods.

    Raises `SettingError`, in which `mend` completes the sentence. The value itself is never quoted: it may
    be a secret.
    """
    try:
        return parse(name, **options)
    except EnvNotSetError:
        reason = "is not set"
    except EnvValidationError as error:
        reason = f"is wrong ({_first_message(error.error_messages)})"
    except (OSError, ValueError):  # environs raises ValueError for a file that it cannot read
        reason = "cannot be read from its file"
    source = f"{name}_FILE" if os.environ.get(f"{name}_FILE") else name
    raise SettingError(f"Setting {name} (environment variable {source}) {reason}: {mend}")


def _first_message(messages: Nested) -> str:
    """The first text in marshmallow's nest of lists and dicts of messages."""
    if isinstance(messages, str):
        return messages[:1].lower() + messages[1:].rstrip(".")
    return _first_message(next(iter(messages.values() if isinstance(messages, Mapping) else messages)))


def settings_or_exit() -> None:
    """Import the settings module; on a missing or wrong setting print one sentence and exit with code 1."""
    name = os.environ.setdefault("DJANGO_SETTINGS_MODULE", "drf_jwt_backend.settings")
    try:
        import_module(name)
    except SettingError as error:
        sys.exit(str(error))
