"""The ticketing app's place in the project."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TicketingConfig(AppConfig):
    """Registers what must be there after every migration: the roles."""

    name = "ticketing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the roles' groups in step with the permissions that migrations make."""
        from ticketing.roles import ensure_groups

        post_migrate.connect(ensure_groups, sender=self)
