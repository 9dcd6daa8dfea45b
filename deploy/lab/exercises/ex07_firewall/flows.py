"""The policy as flows: what must pass and what must not, each with what helps whoever has it wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.exercises.ex07_firewall.asked import BARRED, PINGED, Policy
from lab.firewall.intent import Flow


@dataclass(frozen=True)
class Wanted:
    """A flow, the hint where it is not as it must be, and one for where it was blocked in another way."""

    flow: Flow
    hint: str
    blocked_otherwise: str = ""

    @property
    def words(self) -> str:
        """The flow and what must become of it."""
        return f"{self.flow.words}: {self.flow.expect}"


def _wanted(
    origin: str,
    target: str,
    protocol: str,
    port: int | None,
    expect: str,
    hint: str,
    *,
    listener: bool | None = True,
) -> Wanted:
    return Wanted(Flow(origin, target, protocol, port, expect, "", listener=listener), hint)


def monitored(policy: Policy) -> Wanted:
    """The flow that is opened."""
    hint = f"let {policy.monitor} reach {policy.app} at TCP {policy.port}"
    return _wanted(policy.monitor, policy.app, "tcp", policy.port, "accept", hint)


def opened_no_wider(policy: Policy) -> Sequence[Wanted]:
    """The neighbours of what is opened: another source, target, port, protocol, and the way back."""
    monitor, app, port = policy.monitor, policy.app, policy.port
    return (
        _wanted(policy.neighbour, app, "tcp", port, "drop",
                f"your rule lets in more than {monitor}: name its address with ip saddr"),
        _wanted(monitor, policy.other_app, "tcp", port, "drop",
                f"your rule opens more than {app}: name its address with ip daddr"),
        _wanted(monitor, app, "tcp", 8000, "drop",
                f"your rule opens more ports than {port}: clients reach the app by the edge alone"),
        _wanted(monitor, app, "tcp", port + 1, "drop",
                f"your rule opens more ports than {port}: one number, and no range", listener=False),
        _wanted(monitor, app, "udp", port, "drop", "your rule opens UDP: say tcp dport", listener=False),
        _wanted(app, monitor, "tcp", port, "drop",
                f"{app} may open connections to {monitor}: only replies may go that way", listener=False),
    )  # fmt: skip


def barred(policy: Policy) -> Sequence[Wanted]:
    """Who is shut out of the edge, and who is not."""
    reason = {"reject": "it must be told at once: reject", "drop": "it must hear nothing: drop"}
    return (
        Wanted(Flow(BARRED, "edge", "tcp", 80, policy.verdict, ""),
               "your rule must stand before the one that accepts all clients' HTTP", reason[policy.verdict]),
        _wanted("client", "edge", "tcp", 80, "accept", f"only {BARRED} is shut out: name it with ip saddr"),
        _wanted(BARRED, "edge", "icmp", None, "accept",
                f"{BARRED} is shut out of port 80 only: tcp dport"),
    )  # fmt: skip


def pinging(policy: Policy) -> Sequence[Wanted]:
    """Who may ping, and who still may not, and whom."""
    pinger = policy.pinger
    return (
        _wanted(pinger, PINGED, "icmp", None, "accept",
                f"let {pinger} ping {PINGED}: icmp type echo-request, before what drops it"),
        _wanted(pinger, BARRED, "icmp", None, "drop", f"{pinger} may ping more than {PINGED}: ip daddr"),
        _wanted(policy.not_pinging, PINGED, "icmp", None, "drop",
                f"{policy.not_pinging} may ping {PINGED} too: name {pinger} with ip saddr"),
        _wanted(pinger, PINGED, "tcp", 22, "drop",
                f"{pinger} may do more than ping: icmp type echo-request", listener=False),
    )  # fmt: skip


def unchanged(policy: Policy) -> Sequence[Wanted]:
    """What the shipped rules promise, and what a rule that is too wide would give away."""
    outside = "nothing comes in from the internet, as before: your rules must name their source"
    return (
        _wanted("edge", policy.app, "tcp", 8000, "accept", "without it the service is down: replies "
                "of the app must pass, by ct state established"),
        _wanted(policy.app, "discord", "tcp", 80, "accept", "tickets must reach the webhook, as before"),
        _wanted(policy.neighbour, policy.other_app, "tcp", 8000, "drop", "clients never reach an app server"),
        _wanted("discord", policy.app, "tcp", policy.port, "drop", outside),
        _wanted("discord", "edge", "tcp", 80, "drop", outside),
        _wanted(policy.monitor, "discord", "tcp", 80, "drop", "clients have no internet, as before"),
        _wanted(policy.app, "edge", "tcp", 80, "drop", "app servers only answer the edge, as before"),
        _wanted("client", "edge", "udp", 53, "drop", "what no rule names must be dropped: policy drop",
                listener=False),
        _wanted("client", "router", "tcp", 22, "drop", "the router itself offers nothing: chain input",
                listener=False),
    )  # fmt: skip


def others(policy: Policy) -> Sequence[Wanted]:
    """All flows but the one that is opened."""
    return (*opened_no_wider(policy), *barred(policy), *pinging(policy), *unchanged(policy))
