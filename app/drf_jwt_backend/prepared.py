"""Statements that are compiled once: Django takes longer to write some queries than SQLite to answer them.

A query that differs from one request to the next only in its values is made with a `Slot` for each of them,
compiled into a `Statement`, kept, and run with the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Rows = list[tuple[Any, ...]]


class Slot(Expression):
    """The place of a value that is not known yet. It stands wherever a queryset takes an expression."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:  # noqa: ARG002
        """A placeholder, and ourselves as its parameter."""
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class Statement:
    """A query in SQL, with its parameters and, among them, slots. Without SQL it finds nothing."""

    sql: str
    parameters: tuple[Any, ...] = ()

    @classmethod
    def of(cls, found: QuerySet[Model, Any]) -> Statement:
        """The statement of a queryset, which must not be sliced (see `window`)."""
        try:
            return cls(*found.query.sql_with_params())
        except EmptyResultSet:
            return cls("")

    @classmethod
    def counting(cls, found: QuerySet[Model, Any]) -> Statement:
        """The statement that counts the queryset's rows, in one row."""
        query = found.order_by().query
        query.clear_select_clause()
        query.add_annotation(Count("*"), "number", select=True)
        try:
            return cls(*query.sql_with_params())
        except EmptyResultSet:
            return cls("SELECT 0")

    def window(self, limit: int, offset: int = 0) -> Statement:
        """The same, but at most `limit` rows after the first `offset`."""
        return (
            Statement(f"{self.sql} LIMIT %s OFFSET %s", (*self.parameters, limit, offset))
            if self.sql
            else self
        )

    def fetch(self, **values: object) -> Rows:
        """Run it with the slots' values. Rows are as the driver has them: SQLite's moments are naive UTC."""
        if not self.sql:
            return []
        filled: list[Any] = [
            values[each.name] if isinstance(each, Slot) else each for each in self.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, filled)
            return list(cursor.fetchall())
