"""The live feed as a client hears it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.edge.client import Edge


@dataclass(frozen=True)
class Heard:
    """What one blank line ends: an event, a comment, or the retry hint."""

    event: str = ""
    id: int | None = None
    data: Any = None
    comment: str = ""
    retry: int | None = None


@dataclass
class Stream:
    """An open stream of Server-Sent Events."""

    response: http.client.HTTPResponse
    last_id: int | None = field(default=None)

    def next(self) -> Heard:
        """The next thing that comes; fails when the stream has ended."""
        known: dict[str, Callable[[str], Any]] = {"id": int, "retry": int, "data": json.loads}
        fields: dict[str, Any] = {}
        while line := self.response.readline().decode().rstrip("\n"):
            name, _colon, value = line.partition(": ")
            fields[name or "comment"] = known.get(name, str)(value)
        assert fields, "the stream has ended"
        heard = Heard(**fields)
        self.last_id = heard.id if heard.id is not None else self.last_id
        return heard

    def event(self, name: str) -> Heard:
        """The next event of this name; comments before it are passed over, other events are a failure."""
        while not (heard := self.next()).event:
            pass
        assert heard.event == name, heard
        return heard

    def ended(self) -> bool:
        """Whether the server has closed the stream, and nothing came before."""
        return self.response.read(1) == b""


@contextmanager
def listen(edge: Edge, headers: dict[str, str] | None = None, query: str = "") -> Iterator[Stream]:
    """A stream that is live: its place is known."""
    connection = edge.connect()
    try:
        connection.request("GET", f"/api/live/{query}", headers=headers or {})
        response = connection.getresponse()
        assert response.status == 200, response.read()
        stream = Stream(response)
        assert stream.next().retry == 2000
        yield stream
    finally:
        connection.close()
