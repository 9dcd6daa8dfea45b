"""The departments of a file, and those that its tickets name and nobody has made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ticketing.models import Department
from ticketing.services.bulk.changes import Changes
from ticketing.services.bulk.users import KnownUsers, no_user
from ticketing.services.generator import DEPARTMENTS
from ticketing.services.records import Row, bad_field


@dataclass(frozen=True, slots=True)
class _Wanted:
    number: int  # of the record
    name: str
    agents: tuple[int, ...] | None  # None: whoever works there


class DepartmentLoad:
    """Takes departments, and refuses with `InputError` what cannot stand beside the others."""

    def __init__(self) -> None:
        self._wanted: dict[int, _Wanted] = {}
        self._users = KnownUsers()

    def add(self, row: Row) -> None:
        """Take one department."""
        pk, name, agents = row.values
        if pk in self._wanted:
            raise bad_field(row.number, "id", f"{pk} is already that of record {self._wanted[pk].number}")
        for missing in self._users.missing(set(agents or ())):
            raise bad_field(row.number, "agents", no_user(missing))
        self._wanted[pk] = _Wanted(row.number, name, agents)

    def finish(self, named: Mapping[int, int]) -> Changes:
        """Write all; `named` are the departments that tickets name, each with the first record that does."""
        wanted = self._wanted | self._missing(named)
        self._refuse_taken_names(wanted)
        existing = Department.objects.prefetch_related("agents").in_bulk(list(wanted))
        created = [pk for pk in wanted if pk not in existing]
        changed = [pk for pk, old in existing.items() if _differs(old, wanted[pk])]
        rows = [Department(id=pk, name=wanted[pk].name) for pk in created + changed]
        Department.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=["name"]
        )
        for department in rows:
            agents = wanted[department.pk].agents
            if agents is not None:
                department.agents.set(agents)
        return Changes(len(created), len(changed), len(existing) - len(changed))

    def _missing(self, named: Mapping[int, int]) -> dict[int, _Wanted]:
        known = self._wanted.keys() | set(Department.objects.values_list("pk", flat=True))
        return {pk: _Wanted(number, _usual_name(pk), None) for pk, number in named.items() if pk not in known}

    def _refuse_taken_names(self, wanted: Mapping[int, _Wanted]) -> None:
        holders = dict(Department.objects.values_list("name", "pk"))
        for pk, department in wanted.items():
            holder = holders.setdefault(department.name, pk)
            if holder != pk:
                field = "name" if pk in self._wanted else "department"
                reason = f"department {pk} would be called {department.name!r}, as department {holder} is"
                raise bad_field(department.number, field, f"{reason}; rename one of the two")


def _usual_name(pk: int) -> str:
    return DEPARTMENTS[pk - 1] if pk <= len(DEPARTMENTS) else f"Department {pk}"


def _differs(old: Department, wanted: _Wanted) -> bool:
    agents = wanted.agents
    other_agents = agents is not None and {user.pk for user in old.agents.all()} != set(agents)
    return old.name != wanted.name or other_agents
