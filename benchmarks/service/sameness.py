"""Peers are compared only if they answer the same: the same JSON, and nothing without a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.service import data
from benchmarks.service.servers import LIST, Server
from lab.errors import LabError

# Peers that show everybody everything: the same for an instructor alone.
UNSCOPED = frozenset({"guide", "stock"})
NEW = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "phone": "8005550123",
    "issue": "The port of my desk has no link.",
    "priority": 3,
    "department": 3,
}
_OWN = ("id", "created_at", "updated_at")  # of a new ticket: each server's own
_BAD = {"name": " ", "email": "nowhere", "phone": "0" * 21, "issue": "", "priority": 4, "department": 99}


def check(service: Server, peers: Sequence[Server]) -> None:
    """Raises LabError that names the first peer whose answer differs from the service's."""
    tokens = {name: service.token(name) for name in (data.INSTRUCTOR, data.AGENT, data.STUDENT)}
    for peer in peers:
        for caller in [data.INSTRUCTOR] if peer.name in UNSCOPED else tokens:
            for path in _paths(service, tokens[caller]):
                _same(service, peer, "GET", path, tokens[caller])
    for peer in peers:  # last: each adds a ticket to the service's
        _same(service, peer, "POST", LIST, tokens[data.INSTRUCTOR], NEW)
        _refuses(peer, tokens[data.INSTRUCTOR])


def _paths(service: Server, token: str) -> list[str]:
    """The first page, the second if there is one, and a ticket of the first."""
    first = service.ask("GET", LIST, token)[1]
    second = [f"{LIST}?page=2"] if first["next"] else []
    return [LIST, *second, f"{LIST}{service.newest(token)}/"]


def _same(service: Server, peer: Server, method: str, path: str, token: str, body: object = None) -> None:
    expected, found = (_answer(server, method, path, token, body) for server in (service, peer))
    if expected != found:
        what = f"{method} {path} as the service does: {_difference(found, expected)}"
        raise LabError(f"{peer.name} does not answer {what}")


def _difference(found: Any, expected: Any, place: str = "the answer") -> str:  # noqa: ANN401 - JSON
    """Where two answers differ first."""
    places: Iterable[Any] = ()
    if isinstance(found, dict) and isinstance(expected, dict) and found.keys() == expected.keys():
        places = expected
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        places = range(len(found))
    for at in places:
        if found[at] != expected[at]:
            return _difference(found[at], expected[at], f"{place}, {at}")
    return f"{place} is {found!r:.300} and not {expected!r:.300}"


def _answer(server: Server, method: str, path: str, token: str, body: object) -> dict[str, Any]:
    """What can be compared: no ports in addresses, and of a new ticket no id and no moments."""
    status, content = server.ask(method, path, token, body)
    for name in ("next", "previous"):
        if content and content.get(name):
            content[name] = re.sub(r"^https?://[^/]+", "", content[name])
    if status == 201:
        content = {name: value for name, value in content.items() if name not in _OWN}
    return {"status": status, "body": content}


def _refuses(peer: Server, token: str) -> None:
    """401 without a token and with a forged one, 4xx for a bad ticket."""
    forged = token[:-6] + "AAAAAA"
    refused = [peer.ask("GET", path, bad)[0] for path in (LIST, f"{LIST}1/") for bad in ("", forged)]
    if refused != [401] * 4:
        raise LabError(f"{peer.name} does not answer 401 without a good token: {refused}")
    for name, value in _BAD.items():
        status, _content = peer.ask("POST", LIST, token, NEW | {name: value})
        if status not in (400, 422):
            raise LabError(f"{peer.name} files a ticket with {name} {value!r}: {status}")
