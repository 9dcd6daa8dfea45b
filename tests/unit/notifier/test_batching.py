"""Texts made harmless, and messages made of tickets."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from ticketing.discord.batching import LIMIT, TicketText, batches, describe
from ticketing.discord.markup import CUT, plain

SPICE = [
    "word", "long" * 40, " ", "\n", "\r\n", "\u2028", "\t", "\x00", "*", "**", "_", "~~", "`", "```", "||",
    "\\", "<@123>", "<@&9>", "<#7>", "@everyone", "@here", "@Everyone", "[a](https://evil.example)",
    "https://evil.example/x_y", "<t:0>", "> quote", "# heading", "🎟", "👩‍👩‍👧", "é", "\u202e", "🎟 Ticket 4",
    "---------------------------------", "**Batch 1:**",
]  # fmt: skip


def noise(generator: random.Random, most: int) -> str:
    return "".join(generator.choices(SPICE, k=generator.randrange(most)))


def ticket(number: int, generator: random.Random, most: int = 60) -> TicketText:
    made = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=generator.randrange(10**7))
    name, email, phone, issue, department = (noise(generator, most) for _ in range(5))
    return TicketText(number, name, email, phone, issue, department, made)


def test_the_guides_format() -> None:
    summer = timezone(timedelta(hours=2))
    one = TicketText(
        7,
        "User 7",
        "user7@example.com",
        "8000000007",
        "System Crash",
        "IT",
        datetime(2025, 1, 2, 3, 4, 5, 6, summer),
    )
    (batch,) = batches([one], first=3)
    assert batch == (
        3,
        (7,),
        "**Batch 3:**\n🎟 Ticket 7\n👤 Name: User 7\n📧 Email: user7@example.com\n📞 Phone: 8000000007\n"
        "❗ Issue: System Crash\n🏢 Department: IT\n📅 Created: 2025-01-02T01:04:05+00:00\n"
        "---------------------------------",
    )


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_texts_are_no_ticket_is_lost_and_no_message_too_long(seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311 - the same texts each time
    count, first = generator.randrange(1, 80), generator.choice([1, 99, 999_999])
    tickets = [ticket(number, generator, generator.choice([3, 60, 400])) for number in range(1, count)]
    made = list(batches(tickets, first))
    assert [number for batch in made for number in batch.ticket_ids] == list(range(1, count))
    assert [batch.number for batch in made] == list(range(first, first + len(made)))
    assert all(batch.ticket_ids and len(batch.content) <= LIMIT for batch in made)
    for batch in made:
        # Line by line a reader finds exactly the tickets that are in it: no text forges another.
        assert re.findall(r"(?m)^🎟 Ticket (\d+)$", batch.content) == [str(n) for n in batch.ticket_ids]
        assert len(batch.content.splitlines()) == 1 + 8 * len(batch.ticket_ids)
    for this, following in pairwise(made):
        block = describe(tickets[following.ticket_ids[0] - 1])
        assert len(this.content) + len(block) > LIMIT  # no message ends before it is full


def test_nothing_makes_no_message() -> None:
    assert list(batches([])) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_text_keeps_a_harmful_form(seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311 - the same texts each time
    limit = generator.choice([20, 50, 200, 1_000])
    text = plain(noise(generator, 60), limit)
    assert len(text) <= limit
    assert not re.search(r"@(everyone|here|[!&]?\d)|://", text, re.IGNORECASE)
    assert "\u202e" not in text
    assert len(text.splitlines()) <= 1
    unescaped = re.sub(r"\\[^a-zA-Z0-9\s]", "", text)
    assert not re.search(r"[\\*_~`|<>\[\]]", unescaped)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("System Crash", "System Crash"),
        ("user_1@example.com", r"user\_1@example.com"),
        ("*bold* `code` ||spoiler||", r"\*bold\* \`code\` \|\|spoiler\|\|"),
        (r"\*", r"\\\*"),
        ("@everyone", "@\u200beveryone"),
        ("<@!42> <#7>", "\\<@\u200b!42\\> \\<#7\\>"),
        ("see https://a.example/b", r"see https:\/\/a.example/b"),
        ("[x](http://a.example)", r"\[x\](http:\/\/a.example)"),
        ("one\r\n two\n\n\nthree\n", "one ⏎ two ⏎ three"),
        ("a\tb\x00c", "a b c"),
    ],
)
def test_texts_stay_readable(text: str, shown: str) -> None:
    assert plain(text, 100) == shown


def test_a_cut_is_marked_and_never_splits_an_escape() -> None:
    assert plain("x" * 100, 100) == "x" * 100
    assert plain("x" * 101, 100) == "x" * (100 - len(CUT)) + CUT
    for limit in range(20, 30):
        cut = plain("*" * 100, limit)
        assert cut == r"\*" * ((limit - len(CUT)) // 2) + CUT


def test_the_longest_ticket_of_all_fits_in_one_message() -> None:
    long = "*" * 10_000
    longest = TicketText(10**18, long, long, long, long, long, datetime(2025, 1, 1, tzinfo=UTC))
    (batch,) = batches([longest], first=10**6)
    assert batch.content.count(CUT) == 5
    assert len(batch.content) <= LIMIT
