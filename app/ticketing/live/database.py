"""The database, from a process that lives in an event loop: all of it in one thread, on one connection."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

Given = ParamSpec("Given")
Result = TypeVar("Result")


def in_database_thread(function: Callable[Given, Result]) -> Callable[Given, Coroutine[Any, Any, Result]]:
    """Make a function that asks the database one that can be awaited; its errors come through."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except DatabaseError:
            connection.close()  # it may be broken; the next call opens another
            raise

    return sync_to_async(run, thread_sensitive=True)
