"""What both ends wrote of the same requests, laid side by side: where they disagree is a finding."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.edge.fuzzing.grammar import Part
from tests.edge.fuzzing.site import LOG_IN, FuzzedSite
from tests.edge.fuzzing.talk import Answer, Heard, answers

Line = dict[str, Any]
UNSEEN: Line = {"status": 0, "upstream": ""}
WAIT = 3.0  # seconds that a log may lag behind an answer
REFUSALS = {"400", "414", "431"}  # Gunicorn's own: malformed, a line over 4,094 bytes, over 100 fields
CALAMITY = re.compile(r"\[(?:alert|crit|emerg)\]|exited on signal|Worker \(pid|WORKER TIMEOUT|CRITICAL")


@dataclass
class Books:
    """The lines of one round of conversations."""

    nginx: list[Line] = field(default_factory=list)
    app: list[Line] = field(default_factory=list)

    @classmethod
    def read(cls, site: FuzzedSite) -> Books:
        """Both books, once every request that was passed on has its line at the app, or `WAIT` has passed."""
        books, end = cls(), time.monotonic() + WAIT
        while True:
            books.nginx += site.nginx_book.new()
            books.app += [line for line in site.app_book.new() if line["id"] != LOG_IN]
            if not list(books.disagreements()) or time.monotonic() > end:
                return books
            time.sleep(0.05)

    def disagreements(self) -> Iterator[str]:
        """Requests that only one end has seen, or that the two have seen differently."""
        partners: dict[str, list[Line]] = defaultdict(list)
        for line in self.app:
            partners[line["id"]].append(line)
        for line in self.nginx:
            here = partners.pop(line["id"], [])
            if line["status"] == 499 and not here:
                continue  # the client had left before it was passed on
            if len(here) != _passed_on(line):
                yield f"Nginx passed on {_passed_on(line)}, the app saw {len(here)}: {line} {here}"
            elif here:
                yield from (f"{difference}: {line} {here}" for difference in _differences(line, here[0]))
        yield from (f"the app saw what Nginx does not know of: {lines}" for lines in partners.values())


def _passed_on(line: Line) -> int:
    """How many times the app must have seen it: not at all if Gunicorn, who signs nothing, refused it."""
    if not line["upstream"]:
        return 0
    if line["upstream_status"] in REFUSALS and not line["recorded"]:
        return 0
    return len(line["upstream"].split(", "))


def _differences(line: Line, seen: Line) -> Iterator[str]:
    method = "GET" if line["cache"] and line["method"] == "HEAD" else line["method"]  # to fill the cache
    if seen["method"] != method:
        yield "another method"
    if seen["uri"] not in (line["uri"], f"/{line['uri']}"):  # http://name?query has no slash of its own
        yield "another address"
    if seen["coding"] or int(seen["length"] or 0) != len(line["body"]):
        yield f"a body of {len(line['body'])} bytes became one of {seen['length'] or 0} {seen['coding']}"
    if not line["body"].startswith(seen["read"]):
        yield "another body"
    if line["recorded"] != line["id"] and line["status"] != 499:
        yield f"the answer to {line['recorded']}"


def findings(heard: Sequence[Heard], books: Books) -> Iterator[str]:
    """Whatever is wrong in one round, each with the conversation to repeat."""
    yield from books.disagreements()
    by_port: dict[int, list[Line]] = defaultdict(list)
    for line in books.nginx:
        by_port[int(line["port"])].append(line)
        if line["status"] >= 500 or line["upstream_status"].startswith("5"):
            yield f"status {line['status']}: {line}"
    seen = {line["id"] for line in [*books.nginx, *books.app]}
    for one in heard:
        for finding in (*_unfair(one, by_port[one.port]), *_unhidden(one, seen)):
            talk = one.conversation
            yield f"{finding}, conversation {talk.name}: {talk.parts} -> {one.data[-2000:]!r}"


def _unhidden(one: Heard, seen: set[str]) -> Iterable[str]:
    return [
        f"{part.hidden} came out of a body" for part in one.conversation.parts if part.hidden in seen - {""}
    ]


def _unfair(one: Heard, lines: Sequence[Line]) -> Iterator[str]:
    """Honest requests that did not get their own answer."""
    try:
        got = {answer.identity: answer for answer in _answers(one, lines)}
    except ValueError as error:
        yield str(error)
        return
    logged = {line["id"]: line for line in lines}
    certain = True
    for part in one.conversation.parts:
        certain = certain and part.certain
        if part.identity:
            line = logged.get(part.identity, UNSEEN)
            yield from _wrong(part, got.get(part.identity), line, certain=certain, one=one)


def _wrong(part: Part, answer: Answer | None, line: Line, *, certain: bool, one: Heard) -> Iterator[str]:
    """What is wrong with what became of one honest request; `certain` if nothing uncertain came before it."""
    if answer:
        if answer.status != 200 and (certain or _as_sent(part, line)):
            yield f"{part.identity} was answered with {answer.status}"
    elif certain and not one.reset:  # which may lose an answer
        if line["status"] not in (0, 499):
            yield f"{part.identity} was not answered, and is logged with {line['status']}"
        elif not one.closed:
            yield f"{part.identity} was neither answered nor refused"


def _as_sent(part: Part, line: Line) -> bool:
    """Whether Nginx passed on this very request, and not one that a poisoned one has grown into."""
    return (
        bool(line["upstream"])
        and f"{line['method']} {line['uri']} ".encode() == part.data[: part.data.find(b"HTTP/")]
    )


def _answers(one: Heard, lines: Sequence[Line]) -> list[Answer]:
    """What was answered; ValueError if it is not framed well.

    The last answer may be cut if the connection was. One to HTTP/0.9, for which Nginx may take a malformed
    line, has no head.
    """
    found, whole = (
        [],
        one.closed and not one.reset and all(line["protocol"].startswith("HTTP/1") for line in lines),
    )
    try:
        for answer in answers(one.data, {line["id"]: line["method"] for line in lines}):
            found.append(answer)
    except ValueError:
        if whole:
            raise
    return found


def calamities(site: FuzzedSite) -> list[str]:
    """What the logs say of processes that died."""
    return [
        line
        for log in site.logs
        for line in log.read_text(errors="replace").splitlines()
        if CALAMITY.search(line)
    ]
