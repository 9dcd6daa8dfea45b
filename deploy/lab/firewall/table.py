"""The firewall as the router has it now: named counters, and the rules that use them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lab.errors import ExitCode, LabError
from lab.firewall.site import Site

TABLE = "lab"


@dataclass(frozen=True)
class Counter:
    """How much a counter has counted: packets, and their bytes with headers."""

    packets: int
    bytes: int


@dataclass(frozen=True)
class Rule:
    """A rule that has a named counter: its chain, the counter, what becomes of the packet, and why."""

    chain: str
    counter: str
    verdict: str
    comment: str


def counters(site: Site) -> dict[str, Counter]:
    """The router's named counters."""
    bodies = (
        item["counter"] for item in _listed(site, "counters", "table", "inet", TABLE) if "counter" in item
    )
    return {body["name"]: Counter(body["packets"], body["bytes"]) for body in bodies}


def rules(site: Site) -> list[Rule]:
    """The rules with a named counter, in the order of the file."""
    bodies = (item["rule"] for item in _listed(site, "table", "inet", TABLE) if "rule" in item)
    return [rule for body in bodies if (rule := _rule(body))]


def _rule(body: dict[str, Any]) -> Rule | None:
    words: dict[str, Any] = {}
    for expression in body["expr"]:
        words |= expression
    if not isinstance(words.get("counter"), str):
        return None
    verdict = next((word for word in ("accept", "reject", "drop") if word in words), "drop (policy)")
    return Rule(body["chain"], words["counter"], verdict, body.get("comment", ""))


def _listed(site: Site, *words: str) -> list[dict[str, Any]]:
    done = site.run("router", ["nft", "-j", "list", *words])
    if done.returncode != 0:
        raise LabError(
            f"the router has no table '{TABLE}': {done.stderr.strip()}; run: make firewall",
            ExitCode.UNMEASURED,
        )
    found: list[dict[str, Any]] = json.loads(done.stdout)["nftables"]
    return found
