"""Filing: by people, and by monitors, which report the same outage again and mean the same ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from rest_framework.exceptions import PermissionDenied, ValidationError

from ticketing.api import answers
from ticketing.api.answers import Answer
from ticketing.models import Ticket
from ticketing.roles import role_of
from ticketing.services import desk
from ticketing.services.scope import visible_tickets


def file(caller: User | AnonymousUser, given: Mapping[str, Any]) -> Answer:
    """File a ticket; what has a source and an external_id is a report, and one of those is one ticket.

    Raises PermissionDenied and ValidationError about reports, and what `desk.report` raises.
    """
    fields = dict(given)
    source, external_id = fields.pop("source", ""), fields.pop("external_id", "")
    if source or external_id:
        return _report(caller, source, external_id, fields)
    fields.pop("status", None)  # only a report may say it
    return answers.filed(desk.file(caller if isinstance(caller, User) else None, fields))


def _report(caller: User | AnonymousUser, source: str, external_id: str, fields: Mapping[str, Any]) -> Answer:
    if not isinstance(caller, User) or not role_of(caller).works:
        raise PermissionDenied(
            "Only agents and instructors may report with source and external_id; leave both out."
        )
    for name, value in (("source", source), ("external_id", external_id)):
        if not value:
            raise ValidationError({name: ["A report needs both source and external_id."]})
    try:
        ticket, is_new = desk.report(caller, source, external_id, fields, among=visible_tickets(caller))
    except Ticket.DoesNotExist:
        raise PermissionDenied(
            "This was reported before, to a department that you do not work for; its agents may update it."
        ) from None
    return answers.filed(ticket) if is_new else answers.changed(ticket)
