"""People of the lab who use the API through the edge."""

from __future__ import annotations

import json

from tests.edge.client import Answer
from tests.edge.conftest import Site


def post(site: Site, path: str, content: dict[str, object], headers: dict[str, str] | None = None) -> Answer:
    said = {"Content-Type": "application/json", **(headers or {})}
    return site.ask(path, "POST", said, json.dumps(content).encode())


def token(site: Site, user: str, password: str | None = None) -> str:
    """An access token, by the API."""
    answer = post(site, "/api/token/", {"username": user, "password": password or site.users()[user]})
    assert answer.status == 200, answer.body
    return str(answer.json["access"])


def bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


def logged_in(site: Site, user: str) -> dict[str, str]:
    """The header that says who asks."""
    return bearer(token(site, user))


def file_ticket(site: Site, access: str, issue: str = "Link down") -> int:
    """File a ticket through the API; its id."""
    ticket: dict[str, object] = {
        "name": "Ada",
        "email": "ada@example.com",
        "phone": "8005550100",
        "issue": issue,
        "department": 1,
    }
    answer = post(site, "/api/tickets/", ticket, bearer(access))
    assert answer.status == 201, answer.body
    return int(answer.json["id"])
