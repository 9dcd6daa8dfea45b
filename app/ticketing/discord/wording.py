"""How the notifier puts numbers and outcomes into words."""

from __future__ import annotations

from ticketing.discord.sender import Summary
from ticketing.models import Delivery


def describe(done: Summary, where: object) -> str:
    """Summarise a run."""
    return (
        f"Sent {count(done.tickets, 'ticket')} in {count(done.messages, 'message')} to {where} in "
        f"{duration(done.elapsed)}: {count(done.rate_limited, 'rate-limit answer')} (429), "
        f"waited {duration(done.waited)}; {done.failed} tickets failed, {done.unknown} unknown."
    )


def problem(counts: dict[str, int]) -> str:
    """Say what is left to decide, over all runs; nothing if all is well."""
    failed, unknown = counts.get(Delivery.State.FAILED, 0), counts.get(Delivery.State.UNKNOWN, 0)
    sentences = []
    if failed:
        sentences.append(f"{count(failed, 'ticket')} failed; the next run tries them again.")
    if unknown:
        sentences.append(
            f"Of {count(unknown, 'ticket')} it is unknown whether they arrived: look in the channel, and "
            "send them again with --resend-unknown if they are missing."
        )
    return " ".join(sentences)


def count(number: int, noun: str) -> str:
    """Write a number and what it counts."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """Write seconds for people: 48 s, 3 min 9 s, 1 h 5 min."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
