"""Rounds of conversations for so long, each judged when it is over."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.edge.fuzzing.grammar import Conversation, converse
from tests.edge.fuzzing.judge import Books, calamities, findings
from tests.edge.fuzzing.site import FuzzedSite
from tests.edge.fuzzing.talk import Heard, talk

CLIENTS = 8
ROUND = 60  # conversations


@dataclass
class Tally:
    """What was said, and what was found."""

    conversations: int = 0
    requests: int = 0  # lines in Nginx's log
    passed_on: int = 0  # of these, lines in the app's
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


def fuzz(site: FuzzedSite, seconds: float, seed: int) -> Tally:
    """Converse for so many seconds, or until there is a finding."""
    tally, before = Tally(), site.processes()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(CLIENTS) as pool:
        while time.monotonic() < end and not tally.findings:
            numbers = range(tally.conversations, tally.conversations + ROUND)
            heard = list(pool.map(lambda number: _one(site, converse(seed, number, site.token)), numbers))
            _judge(site, heard, tally)
    if site.processes() != before:
        tally.findings.append(f"processes {before} became {site.processes()}")
    tally.findings += calamities(site)
    return tally


def _one(site: FuzzedSite, conversation: Conversation) -> Heard:
    return talk(conversation, site.edge.port)


def _judge(site: FuzzedSite, heard: list[Heard], tally: Tally) -> None:
    books = Books.read(site)
    tally.conversations += len(heard)
    tally.requests += len(books.nginx)
    tally.passed_on += len(books.app)
    tally.statuses.update(line["status"] for line in books.nginx)
    tally.findings += findings(heard, books)
