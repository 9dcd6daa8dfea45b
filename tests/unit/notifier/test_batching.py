"""Texts made harmless, and messages made of tickets."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest

from ticketing.discord.batching import CONTENT_LIMIT, batches
from ticketing.discord.formats import COMPACT, FORMATS, Format, TicketText
from ticketing.discord.markup import CUT, plain


def ticket(number: int, issue: str) -> TicketText:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return TicketText(number, "User", "user@example.com", "80000", issue, "IT", at, 2)


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
        2,
    )
    (batch,) = batches([one], first=3)
    assert batch == (
        3,
        (7,),
        "**Batch 3:**\n🎟 Ticket 7\n👤 Name: User 7\n📧 Email: user7@example.com\n📞 Phone: 8000000007\n"
        "❗ Issue: System Crash\n🏢 Department: IT\n📅 Created: 2025-01-02T01:04:05+00:00\n"
        "---------------------------------",
        (),
    )


def test_the_compact_format() -> None:
    summer = timezone(timedelta(hours=2))
    at = datetime(2025, 1, 2, 3, 4, 5, 6, summer)
    rows = [
        TicketText(7, "User 7", "u_7@example.com", "80007", "a | b\n🎟 8 ● c", "IT", at, 3),
        TicketText(8, "", "", "", "System Crash", "IT", at, 9),
    ]
    (batch,) = batches(rows, COMPACT, first=3)
    assert batch == (
        3,
        (7, 8),
        "**Batch 3:** id, ▲ high ● medium ▼ low, issue | name | email | phone | department | created (UTC)\n"
        r"🎟 7 ▲ a \| b ⏎ 🎟 8 ● c | User 7 | u\_7@example.com | 80007 | IT | 2025-01-02 01:04:05"
        "\n🎟 8 ? System Crash |  |  |  | IT | 2025-01-02 01:04:05",
        (),
    )


def test_a_compact_message_fills_its_content_and_then_embeds_in_order() -> None:
    rows = [ticket(number, issue="x" * (number * 37 % 700)) for number in range(1, 60)]
    this, following, *_ = batches(rows, COMPACT)
    texts = [this.content, *this.embeds]
    assert [len(text) for text in texts] == [1_973, 3_589, 2_274]
    shown = [int(number) for text in texts for number in re.findall(r"(?m)^🎟 (\d+) ", text)]
    assert shown == list(this.ticket_ids) == list(range(1, following.ticket_ids[0]))


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_every_limit_is_used_to_the_last_character_and_not_beyond(form: Format) -> None:
    fullest = [0, 0, 0]
    for ahead, last in product((1, 5, 7), range(1_001)):
        rows = [ticket(number, "x" * 900) for number in range(1, ahead + 1)]
        this, *_ = batches([*rows, ticket(9, "x" * last)], form)
        found = [len(this.content), max(map(len, this.embeds), default=0), sum(map(len, this.embeds))]
        fullest = [max(pair) for pair in zip(fullest, found, strict=True)]
    assert fullest == ([2_000, 4_096, 6_000] if form.embeds else [2_000, 0, 0])


def test_nothing_makes_no_message() -> None:
    assert list(batches([])) == []


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


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_the_longest_ticket_of_all_fits_in_the_content_of_one_message(form: Format) -> None:
    long = "*" * 10_000
    longest = TicketText(10**18, long, long, long, long, long, datetime(2025, 1, 1, tzinfo=UTC), 2)
    (batch,) = batches([longest], form, first=10**6)
    assert batch.content.count(CUT) == 5
    assert len(batch.content) <= CONTENT_LIMIT
    assert batch.embeds == ()
