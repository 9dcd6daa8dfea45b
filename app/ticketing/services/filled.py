"""Columns that most tickets leave empty, and the indexes of those that do not."""

from __future__ import annotations

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL


def filled(column: str) -> RawSQL:
    """Whether this text column, one of ours, has something in it.

    Word for word the condition of its partial index: with a parameter in it, as Django writes it, SQLite
    would not know its index again.
    """
    return RawSQL(f"NOT ({column} = '')", (), BooleanField())  # noqa: S611 - our own column
