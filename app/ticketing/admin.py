"""The admin's pages on departments and tickets. What they write goes through the desk, and its log."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html

from ticketing.api import rows
from ticketing.models import Comment, Department, Ticket
from ticketing.services import desk, workflow


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Departments by name, and who works for them."""

    list_display = ("name", "id")
    search_fields = ("name",)
    filter_horizontal = ("agents",)

    def has_delete_permission(self, request: HttpRequest, obj: Department | None = None) -> bool:
        """Not with tickets in it, nor several at once: the tickets would vanish past the log."""
        return obj is not None and not obj.tickets.exists() and super().has_delete_permission(request, obj)


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]
    """A ticket, with the transition map observed."""

    def clean_status(self) -> str:
        """The status, if it may follow the one before."""
        status: str = self.cleaned_data["status"]
        try:
            workflow.check(self.initial.get("status", Ticket.Status.OPEN), status)
        except workflow.IllegalTransition as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return status


class CommentInline(admin.TabularInline):  # type: ignore[type-arg]
    """What was said on the ticket, to read."""

    model = Comment
    fields = readonly_fields = ("author", "text", "internal", "created_at")
    can_delete = False
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401, ARG002
        """Whoever sees the ticket here sees all that was said."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401, ARG002
        """People comment in their own name, through the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401, ARG002
        """Comments are append-only."""
        return False


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tickets, newest first."""

    form = TicketForm
    list_display = ("id", "issue", "name", "priority", "status", "department", "assignee", "created_at")
    list_filter = ("priority", "status", "department", "created_at")
    list_select_related = ("department", "assignee")
    search_fields = ("issue", "name", "email", "device")
    date_hierarchy = "created_at"
    autocomplete_fields = ("department",)
    raw_id_fields = ("user", "assignee")
    # Shown, but sent through the API alone, which keeps the pixels and nothing else.
    exclude = ("image",)
    # The server's to set.
    readonly_fields = ("picture", "source", "external_id", "created_at", "updated_at")
    inlines = (CommentInline,)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form. What somebody else made impossible after it was checked is said there, and not saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (workflow.IllegalTransition, Ticket.DoesNotExist) as refusal:
            message = f"Somebody else was quicker, so nothing was saved. {refusal}"
            self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Ticket, form: Any, change: bool) -> None:  # noqa: ANN401
        """File the ticket, or change of it what the form changes."""
        actor, given = cast("User", request.user), form.cleaned_data
        if change:
            desk.change(obj.pk, actor, {name: given[name] for name in form.changed_data})
        else:
            new = desk.file(actor, given | {"user": given["user"] or actor})
            vars(obj).update(vars(new))  # the admin goes on with its own object

    def delete_model(self, request: HttpRequest, obj: Ticket) -> None:
        """Delete one."""
        desk.delete(obj, cast("User", request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        """Delete the chosen ones, each with its line in the log."""
        for ticket in queryset:
            self.delete_model(request, ticket)

    @admin.display
    def picture(self, ticket: Ticket) -> str:
        """A link to the ticket's picture."""
        address = rows.address(ticket.pk)
        return format_html('<a href="{0}">{0}</a>', address) if ticket.image else "-"
