"""Numbered pages, for the peers whose framework has none of the service's shape."""

from __future__ import annotations

from typing import Any

SIZE = 50


def envelope(address: str, number: int, count: int, results: list[Any]) -> dict[str, Any]:
    """Page `number` of a list of `count` rows at `address` (which has no query), with its neighbours."""
    following = f"{address}?page={number + 1}" if number * SIZE < count else None
    preceding = {1: None, 2: address}.get(number, f"{address}?page={number - 1}")
    return {"count": count, "next": following, "previous": preceding, "results": results}
