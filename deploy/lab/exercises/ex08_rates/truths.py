"""What is right in exercise 8, what is often said instead, and theory beside measurement. Pure."""

from __future__ import annotations

from math import ceil

from lab.exercises.ex08_rates.drawn import Drawn
from lab.exercises.ex08_rates.measuring import Seen
from lab.exercises.model import Compared, Mistake, Truth
from lab.exercises.quantity import COUNT, TIME

EXACT = 0.4  # of whole numbers: what is nearer to another one is that one
NEAR = 2.0  # requests by which a burst on a busy VM was seen to miss the count of its tokens
# Seconds that a run may take beyond its waits: the notifier's own looks at the clock, on a busy VM …
LATE, LATE_SHARE = 0.5, 0.1
OWN = (
    1.2  # … and those by which what it tells, in whole seconds and from its start on, differs from the ledger
)
DONE_FIRST = "first put your limits in force and send the tickets, then measure"


def all_of(drawn: Drawn, messages: int, seen: Seen | None) -> list[Truth]:
    """The truth of each question; `messages` is in how many the tickets go."""
    return [*_bucket(drawn), *_webhook(drawn, messages), *_own(drawn, seen), *_explained()]


def known(drawn: Drawn) -> list[Truth]:
    """The truths that need no lab: in how many messages the tickets go, only a lab with tickets says."""
    return [*_bucket(drawn), *_explained()]


def _bucket(drawn: Drawn) -> list[Truth]:
    no_first = Mistake(
        float(drawn.burst), "burst is what may come beyond the first; that one passes too: burst + 1"
    )
    everything = Mistake(float(drawn.requests), "more come at once than the bucket holds: the rest gets 429")
    both = Mistake(
        float(drawn.burst + drawn.rate), "the rate is what comes back in a second; at once means in no time"
    )
    one = Mistake(1 / drawn.rate, "after that one may pass; as many as before need as many times that")
    return [
        Truth("passed", float(drawn.pass_at_once), EXACT, mistakes=(no_first, everything, both),
              otherwise="at once no token comes back: those that pass are what an idle bucket holds"),
        Truth("full_again", drawn.refill, 1.2 / drawn.rate, 0.05, (one,),
              "each request that passed is to be made up for, at RATE a second"),
    ]  # fmt: skip


def _webhook(drawn: Drawn, messages: int) -> list[Truth]:
    waits = drawn.sending(messages)
    tickets = Mistake(
        drawn.sending(drawn.tickets),
        "that is a message for each ticket; many tickets go in one: DRY_RUN=1 counts them",
    )
    one_more = Mistake(
        waits + drawn.seconds, "the last window's messages wait for nobody: one wait less than windows"
    )
    twice = Mistake(
        2 * waits, "the body's retry_after and the header Retry-After name the same wait: wait it once"
    )
    each = Mistake(
        float(drawn.tickets), "a message holds up to 2,000 characters, so many tickets: DRY_RUN=1 counts"
    )
    arrived = Mistake(
        float(drawn.messages), "so many pass, which is a window; it is asked how many are refused"
    )
    return [
        Truth("messages", float(messages), EXACT, mistakes=(each,),
              otherwise=f"see make notify LIMIT={drawn.tickets} AGAIN=1 DRY_RUN=1"),
        Truth("notify", waits, LATE, LATE_SHARE, (tickets, one_more, twice),
              "draw the windows on a line: so many messages at the begin of each, then a wait until its end"),
        Truth("naive_429", float(drawn.refused), EXACT, mistakes=(arrived,),
              otherwise="they all come within one window: what it has no room for is refused"),
    ]  # fmt: skip


def _own(drawn: Drawn, seen: Seen | None) -> list[Truth]:
    """What a student saw some minutes before: seen again, or as the stand-in's ledger has it."""
    if seen is None:
        names = ("passed_seen", "notify_seen", "notify_429_seen", "naive_429_seen")
        return [Truth(name, -1.0, otherwise=DONE_FIRST) for name in names]
    ledger = f"your last run took {TIME.show(seen.run.seconds)} by the stand-in's ledger"
    full = (
        f"let the bucket fill for {ceil(drawn.refill)} s, then send the {drawn.requests} once more and count"
    )
    refused = Mistake(float(drawn.requests - drawn.pass_at_once), "those were the 429s; the others passed")
    arrived = Mistake(float(drawn.messages), "so many passed; count those with 429")
    window = f"let the window close for {drawn.seconds} s, then once more"
    return [
        Truth("passed_seen", float(seen.burst.passed), 1 + NEAR, mistakes=(refused,), otherwise=full),
        Truth("notify_seen", seen.run.seconds, OWN, otherwise=ledger),
        Truth("notify_429_seen", 0.0, EXACT, otherwise=f"another sender had used the window up; {window}"),
        Truth("naive_429_seen", float(seen.naive), 1 + EXACT, mistakes=(arrived,), otherwise=window),
    ]  # fmt: skip


def _explained() -> list[Truth]:
    slow = Mistake(
        "sends-one-a-second", "look at the page of the stand-in: a whole window's messages come at once"
    )
    later = Mistake("sent-by-discord-later", "429 is a refusal: look in the channel for it")
    return [
        Truth("why_none", "waits-when-none-remain", mistakes=(slow,),
              otherwise="each answer has X-RateLimit-Remaining and X-RateLimit-Reset-After; who reads them?"),
        Truth("refused", "lost-unless-sent-again", mistakes=(later,), otherwise="look in the channel for it"),
    ]  # fmt: skip


def compared(drawn: Drawn, seen: Seen) -> list[Compared]:
    """Theory beside measurement: one burst, one run, one flood. While a burst lasts, tokens come back."""
    passing = drawn.pass_at_once + drawn.rate * seen.burst.spread
    waits = drawn.sending(seen.run.messages)
    late = max(LATE, LATE_SHARE * waits)
    naive = float(drawn.refused)
    return [
        Compared("log-ins that pass", COUNT, round(passing, 1), float(seen.burst.passed), NEAR),
        Compared("time of the notifier", TIME, waits, seen.run.seconds, late),
        Compared("429s of the naive sender", COUNT, naive, float(seen.naive), 1.0),
    ]
