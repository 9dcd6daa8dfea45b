"""What a backup says of itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = "ticketlab backup 1"


class BadBackup(Exception):  # noqa: N818 - says what it is
    """The file is no backup, or not a whole one, or none that can be restored here; the text says which."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows: how many, and the SHA-256 over all of them in the order of their keys."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the backup: its length in bytes, and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of it; `migrations` are those that the database has had, as "app.name"."""

    kit: str  # the version that wrote it
    made_at: str  # ISO 8601, UTC
    database: str  # "sqlite" or "postgresql"
    migrations: list[str]
    tables: dict[str, Table]
    members: dict[str, Member]  # by their names in the archive
    missing: list[str]  # pictures that tickets name, and that were not there

    @property
    def tickets(self) -> int:
        """How many."""
        found = self.tables.get("ticketing_ticket")
        return found.rows if found else 0

    @property
    def size(self) -> int:
        """How many bytes it takes when it is taken apart."""
        return sum(member.bytes for member in self.members.values())

    def dump(self) -> bytes:
        """As it is written."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True).encode()

    @classmethod
    def load(cls, text: bytes) -> Manifest:
        """From what was written; raises BadBackup."""
        try:
            said: dict[str, Any] = json.loads(text)
            if said.pop("format") != FORMAT:
                raise BadBackup("it has another format than this version of the kit reads")
            said["tables"] = {name: Table(**table) for name, table in said["tables"].items()}
            said["members"] = {name: Member(**member) for name, member in said["members"].items()}
            return cls(**said)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadBackup("its manifest cannot be read") from error
