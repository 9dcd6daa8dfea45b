"""How departments and tickets look on the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from ticketing.models import Department, Ticket
from ticketing.roles import Role, role_of


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    """A department: its id and its name."""

    class Meta:
        model = Department
        fields = ("id", "name")


class ContactField(serializers.CharField):
    """A way to reach the person behind a ticket; reads as null for whoever may not see it.

    Instructors see all, students those of their own tickets, and whoever files a ticket sees it once in
    the answer.
    """

    def get_attribute(self, instance: Ticket) -> str | None:
        """The field's value, or None when it is hidden from the caller."""
        value: str | None = super().get_attribute(instance)
        return value if self._visible(instance) else None

    def _visible(self, ticket: Ticket) -> bool:
        request = self.context["request"]
        if request.method == "POST" or role_of(request.user) is Role.INSTRUCTOR:
            return True
        return ticket.user_id is not None and ticket.user_id == request.user.pk


class ContactEmailField(ContactField, serializers.EmailField):
    """An e-mail address that may be hidden."""


class ContactFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Tells the schema that a contact field may be null in answers, but never in requests."""

    target_class = ContactField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """The schema of a plain string field, with the nullness of its direction."""
        schema: dict[str, Any] = auto_schema._map_serializer_field(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        if direction == "response":
            schema |= {
                "nullable": True,
                "description": "Null in other people's tickets, except for instructors.",
            }
        return schema


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket. Its owner and its date are the server's to set.

    `image` is read-only until uploads are checked for their content (size, type, decompression bombs).
    """

    email = ContactEmailField(max_length=254)
    phone = ContactField(max_length=20)

    class Meta:
        model = Ticket
        fields = (
            "id",
            "name",
            "email",
            "phone",
            "issue",
            "priority",
            "image",
            "created_at",
            "user",
            "department",
        )
        read_only_fields = ("image", "created_at", "user")
