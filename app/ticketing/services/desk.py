"""What can be done to a ticket. Each function is one transaction, and in it writes the log as well.

`actor` is None for the anonymous. Whether somebody may do a thing is decided before (permissions, scope);
whether the thing can be done, here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from drf_jwt_backend.context import request_id
from ticketing.models import Comment, Ticket, TicketEvent
from ticketing.services import workflow

Action = TicketEvent.Action


class Stale(Exception):  # noqa: N818 - says what happened
    """The ticket has changed since the version that the caller knows."""


@transaction.atomic
def file(actor: User | None, fields: Mapping[str, Any]) -> Ticket:
    """A new ticket; it belongs to whoever files it, or to nobody."""
    ticket = Ticket.objects.create(user=actor, **fields)
    _note(ticket, Action.CREATED, actor)
    return ticket


@transaction.atomic
def change(
    ticket_id: int, actor: User | None, fields: Mapping[str, Any], known: datetime | None = None
) -> Ticket:
    """Give the ticket's fields other values; what is not different is no change, and is not in the log.

    `known` is the `updated_at` that the caller has seen. Raises Stale if it is no longer the ticket's,
    IllegalTransition for a status that may not follow, and Ticket.DoesNotExist.
    """
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    if known is not None and known != ticket.updated_at:
        raise Stale
    changes = _differences(ticket, fields)
    if "status" in changes:
        workflow.check(*changes["status"])
    if changes:
        for name in changes:
            setattr(ticket, name, fields[name])
        ticket.save(update_fields=list(changes))
        _note(ticket, Action.CHANGED, actor, changes)
    return ticket


@transaction.atomic
def report(actor: User, source: str, external_id: str, fields: Mapping[str, Any]) -> tuple[Ticket, bool]:
    """What a monitor says about an outage: a new ticket, or news about the one that it reported before.

    Returns the ticket and whether it is new.
    """
    known = Ticket.objects.select_for_update().filter(source=source, external_id=external_id).first()
    if known is None:
        return file(actor, {**fields, "source": source, "external_id": external_id}), True
    return change(known.pk, actor, fields), False


@transaction.atomic
def comment(ticket: Ticket, author: User, text: str, *, internal: bool) -> Comment:
    """Say something on a ticket: to all who see it, or (internal) to agents and instructors."""
    said = Comment.objects.create(ticket=ticket, author=author, text=text, internal=internal)
    _note(ticket, Action.COMMENTED, author, {"comment": [None, said.pk]}, internal=internal)
    return said


@transaction.atomic
def delete(ticket: Ticket, actor: User) -> None:
    """Remove a ticket and its comments; that it was there stays in the log."""
    _note(ticket, Action.DELETED, actor)
    ticket.delete()


def _differences(ticket: Ticket, fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{name: [old, new]} of what differs, in the log's form: keys of rows instead of rows."""
    found = {name: [_plain(getattr(ticket, name)), _plain(value)] for name, value in fields.items()}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field's value
    if value is None or isinstance(value, str | int):
        return value
    return getattr(value, "pk", None) or str(value)


def _note(
    ticket: Ticket,
    action: TicketEvent.Action,
    actor: User | None,
    changes: Mapping[str, list[Any]] | None = None,
    *,
    internal: bool = False,
) -> None:
    TicketEvent.objects.create(
        action=action,
        ticket_id=ticket.pk,
        department_id=ticket.department_id,
        owner_id=ticket.user_id,
        actor=actor,
        changes=changes or {},
        internal=internal,
        request_id=request_id.get(),
    )
