"""What the list of tickets can be narrowed by, and searched for."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.forms import IntegerField
from django.http import QueryDict
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions
from rest_framework.filters import SearchFilter
from rest_framework.request import Request

from ticketing.models import Ticket
from ticketing.services.filled import filled

_LARGEST_KEY = 2**63 - 1
_MOST_TERMS = 8


def _has_a_moment_in_utc(value: datetime) -> None:
    """Refuse the first and last hours that there are, which other time zones' offsets push over the edge."""
    try:
        value.astimezone(UTC)
    except OverflowError as error:
        raise ValidationError("There is no such moment in UTC.") from error


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": _LARGEST_KEY})
class KeyFilter(filters.Filter):  # type: ignore[misc]  # the library has no types
    """By the key of another row. Nobody asks whether that row is there: without it, nothing matches."""

    field_class = IntegerField

    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, min_value=1, max_value=_LARGEST_KEY)


_PERSON = "^(me|none|[1-9][0-9]{0,17})"


@extend_schema_field(
    {"type": "string", "pattern": f"{_PERSON}$", "description": "Who works on it: a user's id, me, or none"}
)
class PersonFilter(filters.CharFilter):  # type: ignore[misc]
    """By somebody who may be the caller, or nobody."""

    def __init__(self, method: str) -> None:
        validator = RegexValidator(rf"{_PERSON}\Z", "Say me, none, or the id of a user.")
        super().__init__(method=method, validators=[validator])


class MomentFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    """By a date and time in ISO 8601."""

    def __init__(self, field_name: str, lookup: str, label: str) -> None:
        super().__init__(field_name, lookup, label=label, validators=[_has_a_moment_in_utc])


class NamedFilter(filters.CharFilter):  # type: ignore[misc]
    """By a text that most tickets leave empty; there is an index of those that do not."""

    def filter(self, qs: QuerySet[Ticket], value: str) -> QuerySet[Ticket]:
        """The tickets with this very text."""
        if not value:
            return qs
        return qs.filter(filled(self.field_name), **{self.field_name: value})


class TicketFilter(filters.FilterSet):  # type: ignore[misc]
    """By what a ticket is about, who has it, and when it was filed or changed."""

    department = KeyFilter("department")
    user = KeyFilter("user")
    assignee = PersonFilter("by_assignee")
    device = NamedFilter("device", label="The device's name, in full")
    source = NamedFilter("source", label="The monitor that reported it")
    created_after = MomentFilter("created_at", "gte", "Filed at this moment or later")
    created_before = MomentFilter("created_at", "lt", "Filed before this moment")
    updated_after = MomentFilter("updated_at", "gte", "Changed at this moment or later")

    class Meta:
        model = Ticket
        fields = ("status", "priority")

    def by_assignee(self, tickets: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        """The tickets of one person, or of nobody; `me` is the caller."""
        if value == "none":
            return tickets.filter(**{f"{name}__isnull": True})
        return tickets.filter(**{name: self.request.user.pk if value == "me" else value})


class TicketSearch(SearchFilter):
    """`?search=`: all of these words, each in the issue, the name or the device; `"two words"` is one."""

    def get_search_terms(self, request: Request) -> list[str]:
        """The words. Raises ValidationError for more than eight: the database reads each ticket for each."""
        terms = [str(term) for term in super().get_search_terms(request)]
        if len(terms) > _MOST_TERMS:
            raise exceptions.ValidationError({"search": [f"Search for at most {_MOST_TERMS} words."]})
        return terms


NARROWING = frozenset({*TicketFilter.base_filters, "search"})


def narrows(query: QueryDict) -> bool:
    """Whether a request asks for less than all that the caller may see."""
    return not NARROWING.isdisjoint(query)
