"""The `tc` commands that give a zone's interface a condition: what the netem engine runs, and what the
userspace engine prints as what one would run on a kernel that has netem. Pure."""

from __future__ import annotations

import math

from link.condition import FRAME, Condition, Link
from link.zone import Zone

LINE_RATE = 10e9  # bit/s: how fast packets may arrive where no rate is set
NETEM_QUEUE = 1000  # netem's own default, which drops silently once rate times delay is more
Command = list[str]


def limit(condition: Condition) -> int:
    """Packets that netem must be able to hold: all those under way, and the rate's queue."""
    longest = condition.delay + 4 * condition.jitter
    if condition.rate is None:
        return max(NETEM_QUEUE, math.ceil(LINE_RATE * longest / 8 / FRAME))
    return math.ceil(condition.rate * longest / 8 / FRAME) + condition.queue


def netem(condition: Condition) -> Command:
    """netem's arguments."""
    words = ["netem", "limit", str(limit(condition))]
    if condition.delay:
        words += ["delay", f"{condition.delay * 1e6:.0f}us"]
    if condition.jitter:
        words += [f"{condition.jitter * 1e6:.0f}us", _percent(condition.correlation)]
        # tc has no table for uniform: it is what netem does without one.
        words += ["distribution", condition.distribution] if condition.distribution != "uniform" else []
    words += _loss(condition)
    if condition.duplicate:
        words += ["duplicate", _percent(condition.duplicate)]
    if condition.reorder:
        words += ["reorder", _percent(condition.reorder)]
    if condition.rate:
        words += ["rate", f"{condition.rate:.0f}bit"]
    return words


def setting(zone: Zone, link: Link, classifier: str = "matchall") -> list[Command]:
    """The commands that set the link on an interface without one: first `down`, then `up`."""
    commands = []
    if link.down:
        commands.append(["tc", "qdisc", "add", "dev", zone.interface, "root", *netem(link.down)])
    if link.up:
        commands += [
            ["ip", "link", "add", zone.ifb, "type", "ifb"],
            ["ip", "link", "set", zone.ifb, "up"],
            ["tc", "qdisc", "add", "dev", zone.ifb, "root", *netem(link.up)],
            ["tc", "qdisc", "add", "dev", zone.interface, "handle", "ffff:", "ingress"],
            redirection(zone.interface, zone.ifb, classifier),
        ]
    return commands


def redirection(interface: str, target: str, classifier: str) -> Command:
    """The command that sends every packet arriving on `interface` out of `target` instead."""
    match = ["matchall"] if classifier == "matchall" else ["u32", "match", "u32", "0", "0"]
    source = ["tc", "filter", "add", "dev", interface, "parent", "ffff:", "protocol", "ip"]
    return [*source, *match, "action", "mirred", "egress", "redirect", "dev", target]


def clearing(zone: Zone) -> list[Command]:
    """The commands that take away whatever `setting` made; each may find nothing to do."""
    return [
        ["tc", "qdisc", "del", "dev", zone.interface, "root"],
        ["tc", "qdisc", "del", "dev", zone.interface, "ingress"],
        ["ip", "link", "del", zone.ifb],
    ]


def _loss(condition: Condition) -> Command:
    model = condition.gilbert
    if model:
        chances = (model.enter, model.leave, model.loss_bad, model.loss_good)
        return ["loss", "gemodel", *map(_percent, chances)]
    return ["loss", _percent(condition.loss)] if condition.loss else []


def _percent(share: float) -> str:
    return f"{share * 100:.6g}%"
