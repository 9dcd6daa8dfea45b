"""What may be sent, and how departments, tickets, comments and events look on the wire.

Plain serializers: they check what comes in. Tickets go out as rows (`ticketing.api.rows`); what is read-only
here is there for the schema.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from rest_framework import serializers
from rest_framework.utils.html import is_html_input

from ticketing.models import Comment, Department, Ticket, TicketEvent
from ticketing.roles import Role

LONGEST_TEXT = 10_000


class TextField(serializers.CharField):
    """A text; a number or a boolean is none."""

    def to_internal_value(self, data: object) -> str:
        """The text. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmailField(TextField, serializers.EmailField):
    """An e-mail address."""


class KeyField(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]  # generic in the stubs only
    """The id of a row: in JSON a whole number, in a form its digits."""

    def to_internal_value(self, data: object) -> Any:  # noqa: ANN401 - the row
        """The row. Raises ValidationError."""
        if not is_html_input(self.root.initial_data) and type(data) is not int:
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class PriorityField(serializers.ChoiceField):
    """1, 2 or 3: in JSON a number, in a form its digit."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - as in the base class
        """The number. Raises ValidationError."""
        if not is_html_input(self.root.initial_data) and type(data) is not int:
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """Yes or no: in JSON true or false, in a form any word for it."""

    def to_internal_value(self, data: Any) -> bool:  # noqa: ANN401 - as in the base class
        """The flag. Raises ValidationError."""
        if not is_html_input(self.root.initial_data) and type(data) is not bool:
            self.fail("invalid", input=data)
        return bool(super().to_internal_value(data))


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    """A department: its id and its name."""

    serializer_field_mapping = {  # noqa: RUF012 - as in the base class
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: TextField,
    }

    class Meta:
        model = Department
        fields = ("id", "name")


class DescribedSerializer(serializers.Serializer[Ticket]):
    """What whoever files a ticket says of it."""

    name = TextField(max_length=255)
    email = EmailField(max_length=254)
    phone = TextField(max_length=20)
    issue = TextField(max_length=LONGEST_TEXT, style={"base_template": "textarea.html"})
    priority = PriorityField(choices=Ticket.Priority.choices, required=False, help_text="2 if left out")
    department = KeyField(queryset=Department.objects.order_by())
    device = TextField(
        max_length=100, required=False, allow_blank=True, help_text="Which box, such as core-sw1"
    )
    interface = TextField(
        max_length=60, required=False, allow_blank=True, help_text="Which port of it, such as Gi1/0/24"
    )


class TicketSerializer(DescribedSerializer):
    """A ticket. Its owner, its dates, its picture and its assignee are not the filer's to set."""

    id = serializers.IntegerField(read_only=True)
    status = serializers.ChoiceField(
        choices=Ticket.Status.choices,
        required=False,
        help_text="Taken from the reports of monitors alone; what a person files begins open",
    )
    image = serializers.CharField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    user = serializers.IntegerField(read_only=True, allow_null=True, source="user_id")
    assignee = serializers.IntegerField(read_only=True, allow_null=True, source="assignee_id")
    source = TextField(  # type: ignore[assignment] # the metaclass takes it off the class
        max_length=50, required=False, allow_blank=True, help_text="Which monitor reports; with external_id"
    )
    external_id = TextField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text="Its number for the outage: the same again updates the one ticket",
    )


def _workers() -> Any:  # noqa: ANN401 - a QuerySet of users
    groups = [role.value for role in Role if role.works]
    return User.objects.filter(Q(groups__name__in=groups) | Q(is_superuser=True), is_active=True).distinct()


class AssigneeField(KeyField):
    """The id of an agent or instructor."""

    default_error_messages = {"does_not_exist": "{pk_value} is not the id of an agent or instructor."}  # noqa: RUF012

    def get_queryset(self) -> Any:  # noqa: ANN401
        """Those whom a ticket can be given to."""
        return _workers()


class TicketChangeSerializer(DescribedSerializer):
    """What of a ticket may be changed: by its student the texts, by agents and instructors all of it."""

    status = serializers.ChoiceField(choices=Ticket.Status.choices, required=False)
    assignee = AssigneeField(
        queryset=User.objects.all(), required=False, allow_null=True, help_text="Null takes it back"
    )


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """Something said on a ticket."""

    text = TextField(max_length=LONGEST_TEXT, style={"base_template": "textarea.html"})
    internal = FlagField(default=False, help_text="For agents and instructors alone, who alone may set it")
    author_name = serializers.CharField(source="author__username", read_only=True, allow_null=True)

    class Meta:
        model = Comment
        fields = ("id", "author", "author_name", "text", "internal", "created_at")
        read_only_fields = ("author", "created_at")


class EventSerializer(serializers.ModelSerializer[TicketEvent]):
    """Something that happened to a ticket."""

    actor_name = serializers.CharField(source="actor__username", read_only=True, allow_null=True)
    changes = serializers.DictField(
        child=serializers.ListField(),
        read_only=True,
        help_text='Of each changed field the old value and the new one: {"status": ["open", "resolved"]}',
    )

    class Meta:
        model = TicketEvent
        fields = ("id", "at", "action", "actor", "actor_name", "changes", "internal", "request_id")
        read_only_fields = fields
