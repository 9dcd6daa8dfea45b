"""What people write: made-up tickets, so that each scenario need not make up its own."""

import random

ISSUES = ("System Crash", "Request for Data", "Login Issues", "Equipment Failure", "New Account Request")
PRIORITIES = (1, 2, 3)
chance = random.Random()  # noqa: S311 (it makes load, not secrets)


def ticket(department: int) -> dict[str, str | int]:
    """Return what somebody files with the department of this id."""
    number = chance.randrange(10_000)
    return {
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "phone": str(chance.randint(8_000_000_000, 8_999_999_999)),
        "issue": chance.choice(ISSUES),
        "priority": chance.choice(PRIORITIES),
        "department": department,
    }
