"""Made-up tickets, the same for the same seed on every machine and every Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

Choice = TypeVar("Choice")

# The position is the primary key: the first is department 1.
DEPARTMENTS = (
    "Service Desk",
    "Accounts and Access",
    "Network Operations",
    "Server Operations",
    "Workplace Hardware",
    "Printing",
    "Telephony",
    "Business Applications",
    "Data and Reporting",
    "Information Security",
)
ISSUES = ("System Crash", "Request for Data", "Login Issues", "Equipment Failure", "New Account Request")
FIRST_MOMENT = datetime(2025, 1, 1, tzinfo=UTC)
PERIOD_SECONDS = 50 * 24 * 60 * 60


def fixture(count: int, seed: int) -> str:
    """The text of a Django fixture: the ten departments, then `count` tickets drawn from `seed`."""
    records = [*_departments(), *_tickets(count, Random(seed))]  # noqa: S311 - made-up data, not a secret
    # One record a line: readable in an editor and in a diff, and a third of the size of an indented file.
    return "[\n" + ",\n".join(json.dumps(record) for record in records) + "\n]\n"


def _departments() -> Iterator[dict[str, Any]]:
    for pk, name in enumerate(DEPARTMENTS, start=1):
        yield {"model": "ticketing.department", "pk": pk, "fields": {"name": name}}


def _tickets(count: int, random: Random) -> Iterator[dict[str, Any]]:
    for pk in range(1, count + 1):
        fields = {
            "name": f"User {pk}",
            "email": f"user{pk}@example.com",
            "phone": str(8_000_000_000 + _below(1_000_000_000, random)),
            "issue": _one_of(ISSUES, random),
            "priority": 1 + _below(3, random),
            "created_at": _moment(random),
            "user": None,
            "department": 1 + _below(len(DEPARTMENTS), random),
        }
        yield {"model": "ticketing.ticket", "pk": pk, "fields": fields}


def _moment(random: Random) -> str:
    moment = FIRST_MOMENT + timedelta(seconds=_below(PERIOD_SECONDS, random))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _below(limit: int, random: Random) -> int:
    """A whole number from 0 to `limit` - 1.

    Of all its methods, Python promises only for `random()` that a seed gives the same numbers in later
    versions; `randint` and `choice` may change.
    """
    return int(random.random() * limit)


def _one_of(choices: Sequence[Choice], random: Random) -> Choice:
    return choices[_below(len(choices), random)]
