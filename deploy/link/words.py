"""A link in words, for people."""

from __future__ import annotations

from link.condition import FRAME, Condition, Link
from link.units import show_rate, show_share, show_time


def describe(condition: Condition | None) -> str:
    """What one direction does, on one line."""
    if condition is None:
        return "as it is"
    parts = [_delay(condition), _loss(condition), _rate(condition)]
    for name in ("duplicate", "reorder"):
        share = getattr(condition, name)
        parts.append(f"{name} {show_share(share)}" if share else "")
    return ", ".join(part for part in parts if part) or "as it is"


def expect(link: Link) -> str:
    """What a link's delay means for a round trip; empty if it delays nothing."""
    up, down = (condition.delay if condition else 0.0 for condition in (link.up, link.down))
    if not up and not down:
        return ""
    more = f"so expect {show_time(up + down)} more per round trip"
    if up == down:
        return f"{show_time(up)} one way, {more}"
    return f"{show_time(up)} up and {show_time(down)} down, {more}"


def _delay(condition: Condition) -> str:
    if not condition.delay:
        return ""
    spread = f" ± {show_time(condition.jitter)} ({condition.distribution})" if condition.jitter else ""
    return f"delay {show_time(condition.delay)}{spread}"


def _loss(condition: Condition) -> str:
    if condition.gilbert:
        burst = 1 / condition.gilbert.leave
        return f"loss {show_share(condition.gilbert.mean)} in bursts of {burst:.3g} packets (Gilbert-Elliott)"
    return f"loss {show_share(condition.loss)}" if condition.loss else ""


def _rate(condition: Condition) -> str:
    if condition.rate is None:
        return ""
    longest = show_time(float(f"{condition.queue * FRAME * 8 / condition.rate:.2g}"))
    return f"rate {show_rate(condition.rate)} (queue of {condition.queue} packets: up to {longest})"
