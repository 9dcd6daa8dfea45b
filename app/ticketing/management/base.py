"""What the commands share: one sentence instead of a traceback."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from drf_jwt_backend.readiness import database_problem
from ticketing.services.json_input import InputError


class DatabaseCommand(BaseCommand):
    """A command that needs the migrated database: refuses to start without it, and reports bad input."""

    requires_system_checks = ()  # they import every view, which takes longer than the work itself

    def execute(self, *args: Any, **options: Any) -> str | None:  # noqa: ANN401 - Django's signature
        """Run the command; `CommandError` with one sentence for a mistake of the user's."""
        if problem := database_problem():
            raise CommandError(problem[1])
        try:
            return super().execute(*args, **options)
        except InputError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except OperationalError as error:
            raise CommandError(
                f"The database gave up ({error}), and nothing was changed; try again when it is less busy."
            ) from error
