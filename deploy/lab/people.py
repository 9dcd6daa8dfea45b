"""The lab's users: who they are, and where they work. Their passwords are in .env."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# The seeded departments, in the order of their ids.
FIRST_FIVE = (
    "Service Desk",
    "Accounts and Access",
    "Network Operations",
    "Server Operations",
    "Workplace Hardware",
)
LAST_FIVE = (
    "Printing",
    "Telephony",
    "Business Applications",
    "Data and Reporting",
    "Information Security",
)


@dataclass(frozen=True, slots=True)
class Person:
    """One of the lab's users; only agents have departments."""

    username: str
    role: str
    departments: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """The name of the setting that has the password."""
        return f"{self.username.upper()}_PASSWORD"

    def record(self, password: str) -> dict[str, Any]:
        """The form that `manage.py ensure_users` reads."""
        known = {name: value for name, value in asdict(self).items() if value}
        return {**known, "password": password}


PEOPLE = (
    Person("instructor", "instructor"),
    Person("agent1", "agent", FIRST_FIVE),
    Person("agent2", "agent", LAST_FIVE),
    Person("student1", "student"),
    Person("student2", "student"),
)
