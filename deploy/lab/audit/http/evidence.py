"""What the edge answers to requests that a careful service handles with care."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lab.audit.door import Reply
from lab.audit.model import Finding, UnmeasuredError

# What a client claims of itself.
FORGED_ADDRESS, FORGED_HOST = "198.51.100.7", "evil.example"

Replies = Mapping[str, Reply | None]


@dataclass(frozen=True)
class Evidence:
    """Answers by what was asked. `secure` has those that came by HTTPS.

    `offered` says that the lab itself offers HTTPS; if not, they came from a throw-away edge of the same
    configuration.
    """

    pages: Replies
    plain: Replies
    absent: Replies
    listings: Replies
    hidden: Replies
    up: Replies
    media: Replies
    methods: Replies
    hosts: Replies
    cors: Replies
    ids: Replies  # by the id that was sent
    forged: Reply | None
    scheme: str  # that the forged request really came by
    cache: Replies  # "somebody": asked with a session; "nobody": the same address right after, without
    secure: Replies
    session: Reply | None  # the answer to a log-in, by HTTPS
    names_refused: Mapping[str, bool]  # by the name in the handshake
    offered: bool
    redirected: Reply | None  # what HTTP answers for a page


def replies(which: Callable[[Evidence], Replies]) -> Callable[[Evidence], Iterable[tuple[str, Reply]]]:
    """Those of the evidence that came with an answer; raises UnmeasuredError where one is missing."""

    def read(evidence: Evidence) -> list[tuple[str, Reply]]:
        found = which(evidence)
        for name, reply in found.items():
            if reply is None:
                raise UnmeasuredError(f"{name}: the edge closed the connection without an answer")
        return [(name, reply) for name, reply in found.items() if reply]

    return read


def each(
    which: Callable[[Evidence], Replies], look: Callable[[Reply], str | None]
) -> Callable[[Evidence], Iterable[Finding]]:
    """A judge from a look at one answer that says what is wrong with it."""
    read = replies(which)

    def judge(evidence: Evidence) -> list[Finding]:
        return [Finding(name, seen) for name, reply in read(evidence) if (seen := look(reply))]

    return judge


def told(reply: Reply | None) -> dict[str, dict[str, object]]:
    """What /api/whoami/ said; raises UnmeasuredError if it did not."""
    try:
        return dict(json.loads(reply.body)) if reply else {}
    except ValueError as error:
        raise UnmeasuredError("/api/whoami/ did not say what it saw; try: make status") from error
