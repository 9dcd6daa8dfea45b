"""What can be done to a ticket. Each function is one transaction, and in it writes the log as well.

`actor` is None for the anonymous. Whether somebody may do a thing is decided before (permissions, scope);
whether the thing can be done, here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from drf_jwt_backend.context import request_id
from ticketing.models import Comment, Department, Ticket, TicketEvent
from ticketing.services import media, workflow
from ticketing.services.filled import filled
from ticketing.services.pictures import Picture

Action = TicketEvent.Action


# The advisory lock of the log: any number that nothing else in the database uses.
_LOG = 0x7469636B

Allow = Callable[[Ticket, Collection[str]], None]


class Stale(Exception):  # noqa: N818 - says what happened
    """The ticket has changed since the version that the caller knows."""


class DepartmentInUse(Exception):  # noqa: N818
    """A department with tickets cannot be deleted: they would vanish with it, and not in the log."""


@transaction.atomic
def file(actor: User | None, fields: Mapping[str, Any]) -> Ticket:
    """A new ticket; it belongs to whoever files it, or to nobody, unless `fields` names its `user`."""
    ticket = Ticket.objects.create(**{"user": actor, **fields})
    _note(ticket, Action.CREATED, actor)
    return ticket


@transaction.atomic
def change(
    ticket_id: int,
    actor: User | None,
    fields: Mapping[str, Any],
    known: Collection[datetime] | None = None,
    *,
    among: QuerySet[Ticket] | None = None,
    allow: Allow | None = None,
) -> Ticket:
    """Give the ticket's fields other values; what is not different is no change, and is not in the log.

    `known` are the values of `updated_at` that the caller has seen, `among` the tickets that they may see.
    `allow` gets the ticket, locked, and the names of what would change, and raises to refuse. Raises Stale if
    the ticket's `updated_at` is not a known one, IllegalTransition for a status that may not follow, and
    Ticket.DoesNotExist.
    """
    ticket = _locked(ticket_id, known, among)
    changes = _differences(ticket, fields)
    if changes and allow is not None:
        allow(ticket, changes)
    if "status" in changes:
        workflow.check(*changes["status"])
    if changes:
        for name in changes:
            setattr(ticket, name, fields[name])
        ticket.save(update_fields=list(changes))
        _note(ticket, Action.CHANGED, actor, changes)
        media.discard_after_commit(changes.get("image", [None])[0])
    return ticket


def illustrate(
    ticket_id: int, actor: User | None, picture: Picture, known: Collection[datetime] | None = None
) -> Ticket:
    """Give the ticket this picture in place of the one that it has. Raises Stale and Ticket.DoesNotExist."""
    with media.stored(picture) as name:
        return change(ticket_id, actor, {"image": name}, known)


@transaction.atomic
def report(
    actor: User,
    source: str,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    among: QuerySet[Ticket] | None = None,
) -> tuple[Ticket, bool]:
    """What a monitor says about an outage: a new ticket, or news about the one that it reported before.

    Returns the ticket and whether it is new. A new one is open, or what may follow that. Raises as `change`
    does; Ticket.DoesNotExist means that the ticket is there, but not `among` those of the caller.
    """
    known = _reported(source, external_id)
    if known is None:
        workflow.check(Ticket.Status.OPEN, fields.get("status", Ticket.Status.OPEN))
        try:
            return file(actor, {**fields, "source": source, "external_id": external_id}), True
        except IntegrityError:
            known = _reported(source, external_id)
            if known is None:  # not lost to a twin: something else is wrong
                raise
    return change(known, actor, fields, among=among), False


@transaction.atomic
def comment(ticket: Ticket, author: User, text: str, *, internal: bool) -> Comment:
    """Say something on a ticket: to all who see it, or (internal) to agents and instructors."""
    said = Comment.objects.create(ticket=ticket, author=author, text=text, internal=internal)
    _note(ticket, Action.COMMENTED, author, {"comment": [None, said.pk]}, internal=internal)
    return said


@transaction.atomic
def delete(ticket: Ticket, actor: User, known: Collection[datetime] | None = None) -> None:
    """Remove a ticket, its comments and its picture; that it was there stays in the log.

    Raises Stale as `change` does, and Ticket.DoesNotExist if somebody was quicker.
    """
    ticket = _locked(ticket.pk, known)
    _note(ticket, Action.DELETED, actor)
    media.discard_after_commit(ticket.image.name)
    ticket.delete()


@transaction.atomic
def delete_department(department: Department) -> None:
    """Remove a department that has no tickets. Raises DepartmentInUse."""
    locked = Department.objects.select_for_update().get(pk=department.pk)
    if locked.tickets.exists():
        raise DepartmentInUse
    locked.delete()


def _locked(
    ticket_id: int, known: Collection[datetime] | None, among: QuerySet[Ticket] | None = None
) -> Ticket:
    """The ticket, which nobody else can change before this transaction ends."""
    tickets = Ticket.objects.all() if among is None else among
    ticket = tickets.select_for_update().get(pk=ticket_id)
    if known is not None and ticket.updated_at not in known:
        raise Stale
    return ticket


def _reported(source: str, external_id: str) -> int | None:
    found = Ticket.objects.filter(filled("external_id"), source=source, external_id=external_id)
    return found.order_by().values_list("pk", flat=True).first()


def _differences(ticket: Ticket, fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{name: [old, new]} of what differs, in the log's form: keys of rows instead of rows."""
    found = {name: [_plain(_stored(ticket, name)), _plain(value)] for name, value in fields.items()}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _stored(ticket: Ticket, name: str) -> Any:  # noqa: ANN401 - any field's value
    """The field's value; of a relation the key, since the row behind it would cost a query."""
    return getattr(ticket, Ticket._meta.get_field(name).attname)  # type: ignore[union-attr] # no reverse one


def _plain(value: Any) -> Any:  # noqa: ANN401
    if value is None or isinstance(value, str | int):
        return value
    return getattr(value, "pk", None) or str(value) or None  # None: a picture that is not there


def _note(
    ticket: Ticket,
    action: TicketEvent.Action,
    actor: User | None,
    changes: Mapping[str, list[Any]] | None = None,
    *,
    internal: bool = False,
) -> None:
    left, _entered = (changes or {}).get("department", (None, None))
    _take_turn()
    TicketEvent.objects.create(
        action=action,
        ticket_id=ticket.pk,
        department_id=ticket.department_id,
        left_id=left,
        owner_id=ticket.user_id,
        actor=actor,
        changes=changes or {},
        internal=internal,
        request_id=request_id.get(),
    )


def _take_turn() -> None:
    """Let transactions write the log one after the other, from here until they end.

    PostgreSQL gives an event its id now, and shows it when the transaction commits; without this a later id
    could be seen first, and who reads the log by its ids would pass over the earlier one. SQLite has one
    writer at a time anyway. Whoever is here has locked all that it needs, so nobody waits for another twice.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOG])
