"""The profiles of profiles.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from link.condition import Link
from link.options import condition
from link.units import ConditionError

ALIASES = {"satellite": "geo-satellite"}  # what people say for it
FILE = Path(__file__).with_name("profiles.toml")


@dataclass(frozen=True)
class Profile:
    """A named link: what it is, where its numbers are from, what to look for."""

    name: str
    summary: str
    source: str
    see: str
    link: Link


def load() -> dict[str, Profile]:
    """All profiles by name, in the file's order. Raises ConditionError naming the profile that is wrong."""
    try:
        return {name: _profile(name, body) for name, body in tomllib.loads(FILE.read_text()).items()}
    except tomllib.TOMLDecodeError as error:
        raise ConditionError(f"deploy/link/profiles.toml is not TOML: {error}") from error


def get(name: str) -> Profile:
    """A profile; raises ConditionError naming those that there are."""
    known = load()
    name = canonical(name)
    if name not in known:
        raise ConditionError(f"there is no profile '{name}'; the profiles are {', '.join(known)}")
    return known[name]


def canonical(name: str) -> str:
    """The name under which the file has what people call `name`."""
    return ALIASES.get(name, name)


def _profile(name: str, body: dict[str, dict[str, str]]) -> Profile:
    try:
        texts = {key: str(body[key]) for key in ("summary", "source", "see")}
        return Profile(name, **texts, link=Link(condition(body["up"]), condition(body["down"])))
    except (KeyError, ConditionError) as error:
        raise ConditionError(f"deploy/link/profiles.toml: profile {name}: {error}") from error
