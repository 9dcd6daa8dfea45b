"""Made-up tickets, the same for the same seed on every machine and every Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

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


def fixture(count: int, seed: int) -> Iterator[str]:
    """A Django fixture, line by line: the ten departments, then `count` tickets drawn from `seed`."""
    # One record a line: readable in an editor and in a diff, and a third of the size of an indented file.
    before = "[\n"
    for record in _records(count, Random(seed)):  # noqa: S311 - made-up data, not a secret
        yield before + record
        before = ",\n"
    yield "\n]\n"


def _records(count: int, random: Random) -> Iterator[str]:
    for pk, name in enumerate(DEPARTMENTS, start=1):
        yield json.dumps({"model": "ticketing.department", "pk": pk, "fields": {"name": name}})
    for pk in range(1, count + 1):
        yield _ticket(pk, random)


def _ticket(pk: int, random: Random) -> str:
    # Written out, as none of the values needs escaping: five times as quick as making a dict for `json`.
    phone, issue = 8_000_000_000 + _below(1_000_000_000, random), _one_of(ISSUES, random)
    priority, moment, department = (
        1 + _below(3, random),
        _moment(random),
        1 + _below(len(DEPARTMENTS), random),
    )
    return (
        f'{{"model": "ticketing.ticket", "pk": {pk}, "fields": {{"name": "User {pk}", '
        f'"email": "user{pk}@example.com", "phone": "{phone}", "issue": "{issue}", "priority": {priority}, '
        f'"created_at": "{moment}", "user": null, "department": {department}}}}}'
    )


def _moment(random: Random) -> str:
    moment = FIRST_MOMENT + timedelta(seconds=_below(PERIOD_SECONDS, random))
    return moment.isoformat().replace("+00:00", "Z")


def _below(limit: int, random: Random) -> int:
    """A whole number from 0 to `limit` - 1.

    Of all its methods, Python promises only for `random()` that a seed gives the same numbers in later
    versions; `randint` and `choice` may change.
    """
    return int(random.random() * limit)


def _one_of(choices: Sequence[Choice], random: Random) -> Choice:
    return choices[_below(len(choices), random)]
