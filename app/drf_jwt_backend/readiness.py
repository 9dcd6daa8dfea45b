"""Can the database serve? Asked by /readyz and by the commands, so it imports neither views nor the API."""

from __future__ import annotations

from functools import lru_cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def database_problem() -> tuple[str, str] | None:
    """What keeps the database from serving: ("database" or "migrations", a sentence), or None."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        # The driver's own words may quote host and user: not for an answer that anyone can ask for.
        return "database", "The database does not answer; check DATABASE_URL and the database itself."
    missing = sorted(_migrations_on_disk() - applied)
    if not missing:
        return None
    names = ", ".join(f"{app}.{name}" for app, name in missing[:3]) + (", …" if len(missing) > 3 else "")
    return "migrations", f"Migrations are not applied ({len(missing)}: {names}); run manage.py migrate."


@lru_cache(maxsize=1)
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    """Read once: reading them takes longer than all the rest of a readiness check."""
    return frozenset(MigrationLoader(None).disk_migrations)
