"""Links in the terminal's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lab.link.control import Links
from lab.link.measure import Check
from link import words
from link.condition import Link
from link.profiles import Profile


def both_ways(link: Link) -> str:
    """What a link does, in one direction or both."""
    what = words.describe(link.up)
    return what if link.up == link.down else f"up {what}; down {words.describe(link.down)}"


def line(links: Links, zone: str) -> str:
    """One zone's link."""
    link = links.zones[zone]
    if not link:
        return f"{zone}: no condition; packets take the kernel's own way"
    return f"{zone}: {both_ways(link)}"


def lasts(links: Links, zone: str) -> str:
    """How long one zone's link stays as it is; nothing if for good."""
    left = links.seconds_left(zone)
    return "" if left is None else f"{zone}: for {left:.0f} s more, then as it was before"


def commands(links: Links, zone: str) -> list[str]:
    """The tc commands that were run, or what one would run."""
    found = links.commands(zone)
    if not found:
        return []
    ran = "ran in the router:" if links.engine == "netem" else "on a kernel with netem this would be:"
    return [ran, *found]


def expectation(link: Link, checks: Sequence[Check]) -> str:
    """What to take along: '40.0 ms set, 40.1 measured one way, so expect 80 ms more per round trip'."""
    found = next((check for check in checks if check.what.startswith("round trip")), None)
    if not found or not link.round_trip:
        return words.expect(link)
    more = f"so expect {link.round_trip * 1e3:.4g} ms more per round trip"
    if link.up and link.down and link.up.delay == link.down.delay and found.agrees:
        return f"{link.up.delay * 1e3:.1f} ms set, {found.figure * 500:.1f} measured one way, {more}"
    return f"{words.expect(link)}; measured there and back: {found.measured}"


def profile(one: Profile) -> str:
    """A profile in four lines."""
    direction = words.describe(one.link.up)
    if one.link.up != one.link.down:
        direction = f"up {direction}; down {words.describe(one.link.down)}"
    return f"{one.name}: {one.summary}\n  {direction}\n  source: {one.source}\n  see: {one.see}"
