"""How the notifier puts numbers and outcomes into words."""

from __future__ import annotations

from ticketing.discord.records import State
from ticketing.discord.sender import Summary


def describe(done: Summary, where: object) -> str:
    """Summarise a run."""
    return (
        f"Sent {count(done.tickets, 'ticket')} in {count(done.messages, 'message')} to {where} in "
        f"{duration(done.elapsed)}: {count(done.rate_limited, 'rate-limit answer')} (429), "
        f"waited {duration(done.waited)}; {done.failed} tickets failed, {done.unknown} unknown."
    )


def problem(counts: dict[str, int]) -> str:
    """Say what is left to decide, over all runs; nothing if all is well."""
    failed, unknown = counts.get(State.FAILED, 0), counts.get(State.UNKNOWN, 0)
    sentences = []
    if failed:
        sentences.append(f"{count(failed, 'ticket')} failed; the next run tries them again.")
    if unknown:
        sentences.append(
            f"Of {count(unknown, 'ticket')} it is unknown whether they arrived: look in the channel, and "
            "send them again with --resend-unknown if they are missing."
        )
    return " ".join(sentences)


def standing(counts: dict[str, int], untried: int, where: object, followed: str) -> str:
    """Say how many tickets stand where with a webhook: the five states of a delivery, each on a line."""
    lines = [
        ("pending", untried, f"not tried yet{followed}"),
        (State.SENDING, counts.get(State.SENDING, 0), "a message is under way, or its run was killed"),
        (State.SENT, counts.get(State.SENT, 0), "Discord has them"),
        (State.FAILED, counts.get(State.FAILED, 0), "Discord rejected them; the next run tries them again"),
        (State.UNKNOWN, counts.get(State.UNKNOWN, 0), "the answer was lost; see --resend-unknown"),
    ]
    table = "".join(f"\n  {state:<8}{number:>11,}  {note}" for state, number, note in lines)
    return f"Tickets and {where}:{table}"


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
