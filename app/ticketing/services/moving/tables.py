"""A table read and written as it is: rows in the order of their keys, the same from either database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from django.apps import apps
from django.db import connections
from django.db.models import Model
from django.db.models.sql import InsertQuery

CHUNK = 1000  # rows read at a time
# Each `migrate` fills these by itself, under ids of its own: they are no data, and are copied all the same.
MADE_BY_MIGRATE = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a table: how many rows, and the SHA-256 of all their values."""

    rows: int
    digest: str


def models() -> list[type[Model]]:
    """One for each table of the service and of Django, those of many-to-many relations among them."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def rows(model: type[Model], alias: str) -> Iterator[Row]:
    """The table's rows, as Python has their values."""
    names = [field.attname for field in model._meta.concrete_fields]
    found = model._base_manager.using(alias).order_by("pk").values_list(*names)
    yield from found.iterator(chunk_size=CHUNK)


def contents(model: type[Model], alias: str) -> Contents:
    """What is in the table, in a form that can be compared."""
    number, digest = 0, hashlib.sha256()
    for row in rows(model, alias):
        number += 1
        digest.update(orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z) + b"\n")
    return Contents(number, digest.hexdigest())


def empty(model: type[Model], alias: str) -> None:
    """Delete every row, and nothing that refers to them."""
    model._base_manager.using(alias).all()._raw_delete(alias)


def write(model: type[Model], alias: str, source: Iterator[Row]) -> None:
    """Insert rows with all their values as they are: no field may put in its own (auto_now does)."""
    fields = list(model._meta.concrete_fields)
    names = [field.attname for field in fields]
    most = connections[alias].ops.bulk_batch_size(fields, range(CHUNK))
    while chunk := list(islice(source, min(CHUNK, most))):
        objects = [model(**dict(zip(names, row, strict=True))) for row in chunk]
        insert = InsertQuery(model)
        insert.insert_values(fields, objects, raw=True)
        insert.get_compiler(using=alias).execute_sql()
