"""What the API lets people do who should not: everything is tried, and undone where it worked.

The one ticket that is filed is deleted at the end. What stays of it is its trail of events, which nobody can
delete, and a message in the channel where NOTIFIER is on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.audit import door as doors
from lab.audit.api import attempts
from lab.audit.api.caller import Caller, log_in
from lab.audit.door import Door, Reply
from lab.audit.model import Site, UnmeasuredError
from lab.engine import exec_argv
from lab.process import output

HOST = "app1"
PROBE = Path(__file__).with_name("webhook_probe.py")
MOST_FILINGS = 250
BUSY = 150  # seconds that the notifier's tries get, on a machine with much else to do

Replies = Mapping[str, Reply | None]


@dataclass(frozen=True)
class Evidence:
    """Answers by what was tried; `who` has each user's id by name."""

    others: Replies  # somebody else's ticket
    tokens: Replies  # tokens that are none
    guesses: Replies  # log-ins with a wrong password, and as nobody
    lifetime: float  # seconds that an access token is good for
    sent: Mapping[str, Any]  # what was filed, with fields that are not the filer's
    filed: Mapping[str, Any]  # the ticket that came of it, as an instructor sees it
    own: Replies  # changes to one's own ticket that are not its filer's to make
    left: Mapping[str, Any]  # the ticket after them
    shown: Replies  # what a student gets to see
    viewer: int  # that student's id
    among_staff: Replies  # the same student's views of a ticket on which staff has said something
    large: Replies  # more than one may ask for
    admin: Replies  # what is for instructors
    flow: Mapping[int, int]  # statuses by how often, for tickets filed from "different" addresses
    errors: Replies
    schema: Replies
    hidden: Replies  # addresses that an older or inner version would have
    webhooks: Mapping[str, Mapping[str, Any]]  # by the target inside
    rogues: Mapping[str, Mapping[str, Any]]  # by what was wrong with the webhook
    deleted: Reply | None


def gather(site: Site) -> Evidence:
    """Try everything on the running lab; raises UnmeasuredError if the API is not there."""
    people = {user["username"]: str(user["password"]) for user in site.settings.users}
    filings = min(MOST_FILINGS, int(site.settings["THROTTLE_FILE_TICKET"].partition("/")[0]))
    with ThreadPoolExecutor(1) as pool:
        meanwhile = pool.submit(webhooks, site)
        return collect(doors.service(site), people, filings, meanwhile.result)


def webhooks(site: Site) -> dict[str, Any]:
    """What the notifier does with webhooks that are none."""
    plan = site.plan
    targets = [
        *("127.0.0.1:8000", "2130706433:8000", "[::1]:8000", "169.254.169.254"),
        f"{plan.address('app2')}:8000",
    ]
    argv = exec_argv(site.settings.project, HOST, ["python", "-", *targets], options=["--interactive"])
    said = output(argv, f"the notifier on {HOST}", stdin=PROBE.read_text(), timeout=BUSY)
    found: dict[str, Any] = json.loads(said)
    return found


def collect(
    door: Door, people: Mapping[str, str], filings: int, webhooks: Callable[[], Mapping[str, Any]]
) -> Evidence:
    """The same of any service with these people (passwords by name)."""
    callers = {name: log_in(door, name, password) for name, password in people.items()}
    student, other = callers["student1"], callers["student2"]
    instructor, agent = callers["instructor"], callers["agent2"]
    sent = attempts.ticket(first_department(door), instructor.id)
    filed = student.send("POST", "/api/tickets/", sent)
    made = document(filed)
    if not filed or filed.status != 201 or "id" not in made:
        raise UnmeasuredError(f"student1 could not file a ticket ({filed.status if filed else 'no answer'})")
    address = f"/api/tickets/{made['id']}/"
    try:
        seen = document(instructor.get(address))
        others = attempts.others(address, other, agent, Caller(door))
        own = attempts.own(address, student, instructor.id)
        left = document(instructor.get(address))
        among_staff = attempts.among_staff(address, student, instructor)
        large = attempts.large(address, student, instructor)
        admin = attempts.admin(address, student, callers["agent1"], instructor)
    finally:
        deleted = instructor.send("DELETE", address)
    webhook = webhooks()
    return Evidence(
        others=others,
        tokens=attempts.tokens(door, student, people["student1"]),
        guesses=attempts.guesses(door),
        lifetime=student.lifetime,
        sent=sent,
        filed=seen,
        own=own,
        left=left,
        shown=attempts.shown(other),
        viewer=other.id,
        among_staff=among_staff,
        large=large,
        admin=admin,
        flow=attempts.flow(Caller(door), filings),
        errors=attempts.errors(student),
        schema={
            name: instructor.get(path)
            for name, path in {"schema": "/api/schema/?format=json", "root": "/api/"}.items()
        },
        hidden={path: instructor.get(path) for path in attempts.HIDDEN},
        webhooks=webhook["inside"],
        rogues=webhook["rogues"],
        deleted=deleted,
    )


def document(reply: Reply | None) -> dict[str, Any]:
    """The JSON object in an answer; an empty one if there is none."""
    try:
        found = json.loads(reply.body) if reply else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def first_department(door: Door) -> int:
    """The id of a department to file with; raises UnmeasuredError without one."""
    listed = document(doors.ask(door, "/api/departments/")).get("results") or []
    if not listed:
        raise UnmeasuredError("there is no department to file a ticket with; run: make load")
    return int(listed[0]["id"])
