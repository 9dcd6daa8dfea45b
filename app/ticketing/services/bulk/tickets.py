"""The tickets of a file on their way into the database, a chunk at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from ticketing.models import Ticket
from ticketing.services.bulk.changes import Changes
from ticketing.services.bulk.indexes import Indexes
from ticketing.services.bulk.seen import SeenTickets
from ticketing.services.bulk.upsert import upsert_sql
from ticketing.services.bulk.users import KnownUsers, no_user
from ticketing.services.records import TICKET_COLUMNS, Row, bad_field

CHUNK = 1000  # tickets checked against the database and written together

Progress = Callable[[str], None]  # is told what is done, or being done

_place = {name: place for place, name in enumerate(TICKET_COLUMNS, start=1)}
ID, CREATED_AT, USER, DEPARTMENT = 0, _place["created_at"], _place["user"], _place["department"]
ASSIGNEE, SOURCE, EXTERNAL_ID = _place["assignee"], _place["source"], _place["external_id"]
UPDATED_AT = _place["updated_at"]

Report = tuple[str, str]  # source and external id


class TicketLoad:
    """Takes tickets, and refuses with `InputError` what cannot stand beside the others."""

    def __init__(self, seen: SeenTickets, progress: Progress) -> None:
        self.departments: dict[int, int] = {}  # each one named, and the first record that does
        self._seen = seen
        self._progress = progress
        self._before = Ticket.objects.count()
        self._indexes = Indexes()
        self._users = KnownUsers()
        self._upsert = upsert_sql(column.attribute for column in TICKET_COLUMNS.values())
        self._now = timezone.now()
        self._chunk: list[Row] = []
        self._taken = self._written = 0

    def add(self, row: Row) -> None:
        """Take one ticket."""
        self._chunk.append(row)
        if len(self._chunk) >= CHUNK:
            self._finish_chunk()

    def finish(self) -> Changes:
        """Write what is left."""
        if self._chunk:
            self._finish_chunk()
        self._progress(f"{self._taken:,} tickets loaded, building indexes")
        self._indexes.restore()
        created = Ticket.objects.count() - self._before
        return Changes(created, self._written - created, self._taken - self._written)

    def _finish_chunk(self) -> None:
        rows, self._chunk = self._chunk, []
        self._seen.add(rows)
        self._refuse_unknown_users(rows)
        self._refuse_taken_reports(rows)
        for row in rows:
            self.departments.setdefault(row.values[DEPARTMENT], row.number)
        self._write(rows)
        self._taken += len(rows)
        self._progress(f"{self._taken:,} tickets loaded")

    def _refuse_unknown_users(self, rows: Sequence[Row]) -> None:
        named = {row.values[place] for row in rows for place in (USER, ASSIGNEE)}
        missing = self._users.missing(named - {None})
        if missing:
            for row in rows:
                for place, field in ((USER, "user"), (ASSIGNEE, "assignee")):
                    if row.values[place] in missing:
                        raise bad_field(row.number, field, no_user(row.values[place]))

    def _refuse_taken_reports(self, rows: Sequence[Row]) -> None:
        """What was reported under one source and number is one ticket."""
        reports: dict[Report, Row] = {}
        for row in rows:
            if row.values[EXTERNAL_ID]:
                first = reports.setdefault(_report(row), row)
                if first is not row:
                    raise _taken(row, f"record {first.number}")
        if reports:
            self._refuse_held(reports, {row.values[ID]: row.number for row in rows})

    def _refuse_held(self, reports: dict[Report, Row], numbers: dict[int, int]) -> None:
        for pk, report in _holders(reports):
            row = reports[report]
            # A ticket further up in the chunk has given its report away by the time that this one is written.
            if numbers.get(pk, row.number + 1) > row.number:
                first = self._seen.records([pk])
                earlier = pk in first and first[pk] < row.number
                raise _taken(row, f"record {first[pk]}" if earlier else f"ticket {pk} in the database")

    def _write(self, rows: Sequence[Row]) -> None:
        stored = connection.ops.adapt_datetimefield_value
        now = stored(self._now)
        with connection.cursor() as cursor:
            cursor.executemany(self._upsert, [_parameters(row, stored, now) for row in rows])
            self._written += cursor.rowcount
        self._indexes.written(self._written, self._before)


def _parameters(row: Row, stored: Callable[[datetime], object], now: object) -> list[Any]:
    values = row.values
    given = values[UPDATED_AT] is not None
    values[CREATED_AT] = stored(values[CREATED_AT])
    values[UPDATED_AT] = stored(values[UPDATED_AT]) if given else now
    return [*values, given]


def _report(row: Row) -> Report:
    return row.values[SOURCE], row.values[EXTERNAL_ID]


def _holders(reports: dict[Report, Row]) -> Iterator[tuple[int, Report]]:
    """Which other tickets in the database have these reports, in the order of the records."""
    by_source = defaultdict(list)
    for source, external_id in reports:
        by_source[source].append(external_id)
    found = []
    for source, external_ids in by_source.items():
        # As it stands in the unique index's condition, or SQLite would search the whole table.
        tickets = Ticket.objects.extra(where=["NOT (external_id = '')"]).order_by()
        held = tickets.filter(source=source, external_id__in=external_ids)
        found += [(pk, (source, external_id)) for pk, external_id in held.values_list("pk", "external_id")]
    others = [(pk, report) for pk, report in found if reports[report].values[ID] != pk]
    yield from sorted(others, key=lambda other: reports[other[1]].number)


def _taken(row: Row, holder: str) -> Exception:
    source, external_id = _report(row)
    return bad_field(
        row.number, "external_id", f"{external_id!r} of source {source!r} is already that of {holder}"
    )
