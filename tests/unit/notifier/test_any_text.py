"""Whatever people write in tickets: every message is one that Discord takes, and shows each ticket once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sim import payload
from discord_sim.ledger import TICKET
from discord_sim.payload import EMBEDS_LIMIT, EMBEDS_TEXT_LIMIT, embed_texts
from ticketing.discord.batching import CONTENT_LIMIT, Batch, batches
from ticketing.discord.formats import (
    COMPACT,
    DEPARTMENT,
    EMAIL,
    FORMATS,
    GUIDE,
    ISSUE,
    NAME,
    PHONE,
    Format,
    TicketText,
)
from ticketing.discord.markup import plain
from ticketing.discord.webhook import message

SPICE = [
    "word", "long" * 40, " ", "\n", "\r\n", "\u2028", "\t", "\x00", "*", "**", "_", "~~", "`", "```", "|",
    "||", " | ", "\\", "<@123>", "<@&9>", "<#7>", "@everyone", "@here", "@Everyone", "[a](https://evil.example)",
    "https://evil.example/x_y", "<t:0>", "> quote", "# heading", "🎟", "👩‍👩‍👧", "é", "\u202e", "🎟 Ticket 4",
    "🎟 4 ▲ ", "---------------------------------", "**Batch 1:**", "x" * 3_000,
]  # fmt: skip
texts = st.lists(st.sampled_from(SPICE) | st.text(max_size=50), max_size=12).map("".join)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
rows = st.builds(
    TicketText,
    id=st.integers(1, 2**63 - 1),
    name=texts,
    email=texts,
    phone=texts,
    issue=texts,
    department=texts,
    created_at=moments,
    priority=st.integers(-1, 5),
)
# Not sorted by id: with --follow they come as they were filed.
queues = st.lists(rows, max_size=25, unique_by=lambda row: row.id)
firsts = st.sampled_from([1, 99, 10**6])
forms = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
often = settings(max_examples=60, deadline=None)
APP = Flask("payloads")


def accepted(batch: Batch) -> payload.Payload:
    """The message as the stand-in takes it; raises its Refusal."""
    body = message(batch.content, batch.embeds)
    with APP.test_request_context(method="POST", json=body) as context:
        return payload.read(context.request)


def shown(batch: Batch) -> list[str]:
    """A message from top to bottom."""
    taken = accepted(batch)
    return [taken.content, *(text for embed in taken.embeds for text in embed_texts(embed))]


def lines(batch: Batch) -> list[str]:
    """All lines but the first, which is the message's own."""
    return "\n".join(shown(batch)).splitlines()[1:]


@forms
@often
@given(queue=queues, first=firsts)
def test_every_ticket_is_in_one_message_in_order_and_discord_takes_each(
    form: Format, queue: list[TicketText], first: int
) -> None:
    made = list(batches(queue, form, first))
    assert [number for batch in made for number in batch.ticket_ids] == [row.id for row in queue]
    assert [batch.number for batch in made] == list(range(first, first + len(made)))
    for batch in made:
        assert batch.ticket_ids
        assert len(accepted(batch).embeds) <= EMBEDS_LIMIT
        # Line by line a reader finds exactly the tickets that are in it: no text forges another.
        found = TICKET.findall("\n".join(shown(batch)))
        assert found == [str(number) for number in batch.ticket_ids]
        assert len(lines(batch)) == len(batch.ticket_ids) * (1 if form.embeds else 8)


@forms
@often
@given(queue=queues)
def test_no_message_ends_before_it_is_full(form: Format, queue: list[TicketText]) -> None:
    sizes = {row.id: len(form.describe(row)) for row in queue}
    for this, following in pairwise(batches(queue, form)):
        following_size = sizes[following.ticket_ids[0]]
        if form.embeds:
            assert sum(map(len, this.embeds)) + following_size > EMBEDS_TEXT_LIMIT
        else:
            assert len(this.content) + 1 + following_size > CONTENT_LIMIT


@often
@given(queue=queues)
def test_the_guides_format_shows_every_field(queue: list[TicketText]) -> None:
    wanted = [text for row in queue for text in (*fields(row), f"{row.created_at:%Y-%m-%dT%H:%M:%S+00:00}")]
    values = [
        line.split(": ", 1)[1]
        for batch in batches(queue, GUIDE)
        for line in lines(batch)
        if re.match(r"[👤📧📞❗🏢📅] \w+: ", line)
    ]
    order = (3, 0, 1, 2, 4, 5)  # `fields` begins with the issue, the guide with the name
    assert [values[at + place] for at in range(0, len(values), 6) for place in order] == wanted


@often
@given(queue=queues)
def test_the_compact_format_shows_every_field_and_none_passes_for_another(queue: list[TicketText]) -> None:
    wanted = [[*fields(row), f"{row.created_at:%Y-%m-%d %H:%M:%S}"] for row in queue]
    values = [
        re.split(r" \| ", re.sub(r"^🎟 \d+ [▲●▼?] ", "", line))
        for batch in batches(queue, COMPACT)
        for line in lines(batch)
    ]
    assert values == wanted


@forms
@often
@given(queue=queues)
def test_nothing_in_a_text_is_active(form: Format, queue: list[TicketText]) -> None:
    for batch in batches(queue, form):
        for line in lines(batch):
            assert not active(line)
            # What begins a quote, a heading or a list can only stand where a line of ours begins.
            assert line.startswith(("🎟 ", "👤 ", "📧 ", "📞 ", "❗ ", "🏢 ", "📅 ", "-----"))


@often
@given(text=texts, limit=st.integers(20, 1_000))
def test_no_text_keeps_a_harmful_form(text: str, limit: int) -> None:
    made = plain(text, limit)
    assert len(made) <= limit
    assert len(made.splitlines()) <= 1
    assert "\u202e" not in made
    assert "|" not in re.sub(r"\\[^a-zA-Z0-9\s]", "", made)
    assert not active(made)


def fields(row: TicketText) -> Iterable[str]:
    """A ticket's texts in the compact format's order, as they must be shown."""
    limits = ((row.issue, ISSUE), (row.name, NAME), (row.email, EMAIL), (row.phone, PHONE))
    return [plain(text, limit) for text, limit in (*limits, (row.department, DEPARTMENT))]


def active(line: str) -> Any:  # noqa: ANN401 - whether there is one
    """A mention, link or Markdown in it that Discord would act on."""
    unescaped = re.sub(r"\\[^a-zA-Z0-9\s]", "", line)
    return re.search(r"@(everyone|here|[!&]?\d)|://", line, re.IGNORECASE) or re.search(
        r"[\\*_~`<>\[\]]|\|\|", unescaped
    )
