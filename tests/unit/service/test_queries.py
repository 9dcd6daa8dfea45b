"""The statements that each kind of reading takes, and filing, held to those in queries.json.

On PostgreSQL, which Django writes some of them otherwise for, to those in queries-postgresql.json.

When a change of them is meant, record them anew and look at the difference before committing it:

    export RECORD_QUERIES=1
    .venv/bin/pytest tests/unit/service/test_queries.py
    .venv/bin/python -m tests.postgres.server .venv/bin/pytest tests/unit/service/test_queries.py
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from rest_framework.test import APIClient

from drf_jwt_backend.prepared import Statement
from tests.unit.service.callers import PASSWORD, make_user
from ticketing.api import ordering, statements
from ticketing.filters import TicketFilter
from ticketing.models import Department, Ticket
from ticketing.roles import Role

pytestmark = pytest.mark.django_db

ON_SQLITE = connection.vendor == "sqlite"
RECORDED = Path(__file__).with_name("queries.json" if ON_SQLITE else "queries-postgresql.json")
ROLES = ("student", "agent", "instructor")
LISTS = {
    "list": "/api/tickets/",
    "list of 200": "/api/tickets/?page_size=200",
    "second page": "/api/tickets/?page=2&page_size=2",
    "some fields": "/api/tickets/?fields=id,issue",
    "first by cursor": "/api/tickets/?cursor=",
    "filtered": "/api/tickets/?priority=2&department=1&assignee=none",
    "filtered by cursor": "/api/tickets/?cursor=&status=open",
    "searched": "/api/tickets/?search=login",
}
# The caller with the role, the count, the page; the caller, the ticket; the caller (or how often the address
# has filed), the department, the ticket, its event; on PostgreSQL, its turn to write that.
MOST = {"detail": 2, "filing": 4 if ON_SQLITE else 5}
MOST_OF_A_LIST = 3


@contextmanager
def recorder() -> Iterator[list[str]]:
    """Collects the statements, without their values and without transaction control."""
    found: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            found.append(re.sub(r"(LIMIT|OFFSET) \d+", r"\1 n", " ".join(sql.replace('"', "").split())))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def token_client(user: User) -> APIClient:
    """With a real token, so that the statements are those of a real request."""
    login = {"username": user.username, "password": PASSWORD}
    access = APIClient().post("/api/token/", login).json()["access"]
    return APIClient(headers={"authorization": f"Bearer {access}"})


@pytest.fixture
def clients(student: User, instructor: User, department: Department) -> dict[str, APIClient]:
    agent = make_user("agent", "agents")
    department.agents.add(agent)
    return {user.username: token_client(user) for user in (student, agent, instructor)}


@pytest.fixture
def ticket(student: User, make_ticket: Callable[..., Ticket]) -> Ticket:
    """One of twenty that all three see."""
    return [make_ticket(user=student) for _ in range(20)].pop()


def statements_of(client: APIClient, address: str, body: object = None) -> list[str]:
    """Of reading what is at the address, or of filing the body there."""
    with recorder() as found:
        answer = client.get(address) if body is None else client.post(address, body)
        assert answer.status_code == (200 if body is None else 201), address
    return found


def measured(clients: dict[str, APIClient], ticket: Ticket) -> dict[str, list[str]]:
    """Name of the request and role -> its statements."""
    following = clients["agent"].get("/api/tickets/?cursor=&page_size=5").json()["next"]
    tickets = LISTS | {"next by cursor": following, "detail": f"/api/tickets/{ticket.pk}/"}
    public = {
        "departments": "/api/departments/",
        "department": f"/api/departments/{ticket.department_id}/",
        "statistics": "/api/stats/",
    }
    found = {
        f"{name}, {role}": statements_of(clients[role], address)
        for name, address in tickets.items()
        for role in ROLES
    }
    found |= {f"{name}, anonymous": statements_of(APIClient(), at) for name, at in public.items()}
    person: dict[str, object] = {"name": "Ada", "email": "ada@example.com", "phone": "1"}
    new = person | {"issue": "No link", "department": ticket.department_id}
    filers = {role: clients[role] for role in ROLES} | {"anonymous": APIClient()}
    return found | {
        f"filing, {name}": statements_of(client, "/api/tickets/", new) for name, client in filers.items()
    }


def test_the_statements_are_those_recorded(clients: dict[str, APIClient], ticket: Ticket) -> None:
    found = measured(clients, ticket)
    if os.environ.get("RECORD_QUERIES"):
        RECORDED.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(RECORDED.read_text()), (
        "A request takes other statements than recorded; test_queries.py says how to record them anew."
    )


def test_every_request_keeps_to_its_budget_for_every_role() -> None:
    recorded: dict[str, list[str]] = json.loads(RECORDED.read_text())
    counts = {name: len(found) for name, found in recorded.items()}
    for request, group in groupby(
        (name for name in counts if "anonymous" not in name or "filing" in name), lambda n: n.split(",")[0]
    ):
        numbers = {counts[name] for name in group}
        assert len(numbers) == 1, f"{request} takes another number of statements for each role"
        assert max(numbers) <= MOST.get(request, MOST_OF_A_LIST), request


def test_the_number_grows_neither_with_the_page_nor_with_the_list(
    clients: dict[str, APIClient], ticket: Ticket
) -> None:
    client = clients["agent"]
    numbers = {len(statements_of(client, f"/api/tickets/?page_size={size}")) for size in (1, 10, 200)}
    Ticket.objects.exclude(pk=ticket.pk).delete()
    numbers.add(len(statements_of(client, "/api/tickets/")))
    assert numbers == {3}


def test_a_statement_that_was_compiled_for_one_caller_serves_another(
    clients: dict[str, APIClient], other_student: User, make_ticket: Callable[..., Ticket]
) -> None:
    other = token_client(other_student)
    theirs = make_ticket(user=other_student).pk
    statements.page.cache_clear()
    for _ in range(2):
        assert clients["student"].get("/api/tickets/").json()["results"] == []
        assert [row["id"] for row in other.get("/api/tickets/").json()["results"]] == [theirs]
        assert clients["student"].get(f"/api/tickets/{theirs}/").status_code == 404


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.AGENT])
@pytest.mark.parametrize("order", ordering.ORDERS)
def test_each_page_is_read_along_an_index_from_its_place(role: Role, order: str) -> None:
    """No plan need sort, and none begins to read before the cursor's place."""
    avoid("sort", "incremental_sort")
    assert not sorts(explained(statements.page(role, ("id",), order), caller=1))
    values = ["2025-01-01" if column.endswith("_at") else "0" for column in ordering.columns(order)]
    place = {f"place{number}": value for number, value in enumerate(values)}
    for backwards in (False, True):
        plan = explained(statements.page_beyond(role, ("id",), order, backwards), caller=1, **place)
        assert not sorts(plan)
        assert re.match(_ALONG_AN_INDEX, plan), plan


_ALONG_AN_INDEX = (
    r"SEARCH ticketing_ticket USING"
    if ON_SQLITE
    else r"Index (Only )?Scan .*using ticket.*Index Cond: \((ROW\(|id [<>])"
)


@pytest.mark.parametrize(
    ("query", "index", "column"),
    [
        ("priority=2", "ticket_by_priority", "priority"),
        ("status=open", "ticket_by_status", "status"),
        ("department=1", "ticket_by_department", "department_id"),
        ("user=1", "ticket_by_user", "user_id"),
        ("assignee=none", "ticket_by_assignee", "assignee_id"),
        ("device=x", "ticket_by_device", "device"),
        ("source=x", "ticket_by_source", "source"),
        ("created_after=2025-01-01T00:00:00Z", "ticket_by_age", "created_at"),
    ],
)
def test_each_filter_has_its_index(query: str, index: str, column: str) -> None:
    narrowed = TicketFilter(QueryDict(query), queryset=Ticket.objects.all()).qs
    plan = explained(statements.selecting(ordering.put_in_order(narrowed, "-created_at"), ("id", "issue")))
    condition = rf" \({column}[=>]\?" if ON_SQLITE else rf" .*Index Cond: \(\(?{column}\b"
    assert re.search(index + condition, plan), plan
    if ON_SQLITE or query != "assignee=none":  # to PostgreSQL, NULL is no one value to sort behind
        assert not sorts(plan)


def sorts(plan: str) -> bool:
    return ("TEMP B-TREE" if ON_SQLITE else "Sort") in plan


def avoid(*steps: str) -> None:
    """Have PostgreSQL take such steps only where a plan cannot do without, until the test's end."""
    if not ON_SQLITE:
        with connection.cursor() as cursor:
            for step in steps:
                cursor.execute(f"SET LOCAL enable_{step} = off")


def explained(statement: Statement, **values: object) -> str:
    """The plan that an index could have; PostgreSQL would rather not use one for a table without rows."""
    avoid("seqscan", "bitmapscan")
    how = "EXPLAIN QUERY PLAN" if ON_SQLITE else "EXPLAIN"
    plan = Statement(f"{how} {statement.sql}", statement.parameters)
    return "; ".join(str(row[-1]) for row in plan.fetch(**values))
