"""Places in a list: what `?cursor=` carries. A page after a place costs the same however deep it is."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core import signing
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from rest_framework.exceptions import ValidationError

from drf_jwt_backend.prepared import Slot
from ticketing.api import ordering
from ticketing.api.rendering import dumps
from ticketing.models import Ticket

_signer = signing.Signer(salt="ticketing.cursor")
_FIELDS = {field.attname: field for field in Ticket._meta.concrete_fields}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A ticket's place in an order, and whether the page lies before it instead of after it."""

    order: str
    values: tuple[Any, ...]
    backwards: bool = False

    def text(self) -> str:
        """The cursor for a URL: opaque, and signed, so that nobody makes up places."""
        packed = urlsafe_b64encode(dumps([self.order, self.backwards, self.values])).rstrip(b"=").decode()
        return _signer.sign(packed)

    def parameters(self) -> dict[str, Any]:
        """The values of `beyond`, as the database's driver wants them."""
        fields = (_FIELDS[column] for column in ordering.columns(self.order))
        ready = (
            field.get_db_prep_value(value, connection)
            for field, value in zip(fields, self.values, strict=True)
        )
        return {f"place{number}": value for number, value in enumerate(ready)}


def read(text: str, order: str) -> Cursor:
    """The cursor in a URL. Raises ValidationError when it is not one of ours, or of another order."""
    try:
        packed = _signer.unsign(text).encode()
        known, backwards, values = orjson.loads(urlsafe_b64decode(packed + b"=" * (-len(packed) % 4)))
    except (signing.BadSignature, binascii.Error, ValueError) as error:
        raise ValidationError(
            {"cursor": ["This is no cursor of ours; take those in next and previous."]}
        ) from error
    if known != order:
        raise ValidationError({"cursor": [f"This cursor goes with ordering={known}."]})
    columns = ordering.columns(order)
    places = (_FIELDS[column].to_python(value) for column, value in zip(columns, values, strict=True))
    return Cursor(order, tuple(places), backwards)


class RowComparison(Func):
    """(a, b) < (x, y), whole rows compared: an index on (a, b) finds the place in one step.

    SQLite and PostgreSQL know it; Django uses it on PostgreSQL alone, and writes SQLite an OR, which walks.
    """

    output_field = BooleanField()

    def __init__(self, columns: Sequence[str], sign: str, place: Sequence[Slot]) -> None:
        super().__init__(*(F(column) for column in columns), *place)
        self.sign = sign

    def as_sql(  # type: ignore[override]  # without the extra parameters of Func, which nobody passes
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002
    ) -> tuple[str, list[Any]]:
        """Both rows, and the values of the second."""
        compiled = [compiler.compile(each) for each in self.get_source_expressions()]
        half = len(compiled) // 2
        left, right = (", ".join(sql for sql, _values in part) for part in (compiled[:half], compiled[half:]))
        return f"({left}) {self.sign} ({right})", [value for _sql, values in compiled for value in values]


def beyond(tickets: QuerySet[Ticket], order: str, *, backwards: bool) -> QuerySet[Ticket]:
    """The tickets after a place (or before it, nearest first). The place stays open: `Cursor.parameters`."""
    columns = ordering.columns(order)
    sign = "<" if ordering.is_descending(order) != backwards else ">"
    narrowed = tickets.filter(RowComparison(columns, sign, slots(len(columns))))
    return ordering.put_in_order(narrowed, order, backwards=backwards)


def slots(count: int) -> list[Slot]:
    """A place of so many columns, for a statement that is compiled before it is known."""
    return [Slot(f"place{number}") for number in range(count)]
