"""The stand-in's settings, read from the environment and checked at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from discord_sim.bucket import Limit

# What Discord's users see: neither is documented, and the channel's shows in no header.
WEBHOOK_LIMIT = Limit(5, 2)
CHANNEL_LIMIT = Limit(30, 60)


class ConfigError(ValueError):
    """A setting is missing or wrong; the text is one sentence that says which and how to mend it."""


@dataclass(frozen=True)
class Config:
    """Which webhook there is, how fast it may be used, and where messages are kept."""

    webhook_id: str
    webhook_token: str = field(repr=False)
    ledger: Path | None = None
    webhook_limit: Limit = WEBHOOK_LIMIT
    channel_limit: Limit = CHANNEL_LIMIT

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Read `DISCORD_*` from `env`. Raises ConfigError."""
        webhook_id = env.get("DISCORD_WEBHOOK_ID", "")
        if not re.fullmatch(r"\d{1,20}", webhook_id):
            raise ConfigError(f"DISCORD_WEBHOOK_ID must be a number of up to 20 digits, not {webhook_id!r}.")
        token = _secret(env, "DISCORD_WEBHOOK_TOKEN")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", token):
            raise ConfigError(
                "DISCORD_WEBHOOK_TOKEN (or the file that DISCORD_WEBHOOK_TOKEN_FILE names) must be set, "
                "and made of letters, digits, - and _ only."
            )
        return cls(
            webhook_id,
            token,
            Path(env["DISCORD_LEDGER"]) if env.get("DISCORD_LEDGER") else None,
            _limit(env, "DISCORD_WEBHOOK_LIMIT", WEBHOOK_LIMIT),
            _limit(env, "DISCORD_CHANNEL_LIMIT", CHANNEL_LIMIT),
        )


def _secret(env: Mapping[str, str], name: str) -> str:
    path = env.get(f"{name}_FILE")
    if not path:
        return env.get(name, "")
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from None


def _limit(env: Mapping[str, str], name: str, default: Limit) -> Limit:
    if not env.get(name):
        return default
    try:
        return Limit.parse(env[name])
    except ValueError as error:
        raise ConfigError(f"{name}: {error}.") from None
