"""The admin's pages on departments and tickets."""

from __future__ import annotations

from django.contrib import admin

from ticketing.models import Department, Ticket


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Departments by name."""

    list_display = ("name", "id")
    search_fields = ("name",)


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tickets, newest first."""

    list_display = ("id", "issue", "name", "priority", "department", "created_at")
    list_filter = ("priority", "department", "created_at")
    list_select_related = ("department",)
    search_fields = ("issue", "name", "email")
    date_hierarchy = "created_at"
    autocomplete_fields = ("department",)
    raw_id_fields = ("user",)
    # Read-only until uploads are checked for their content, as in the API.
    readonly_fields = ("image",)
