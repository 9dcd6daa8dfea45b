"""The VM's second network card on the lab's bridge: other machines on that wire then reach 10.10.10.1.

A card in a bridge is a switch port: its own addresses no longer work, and what arrives goes to whoever on the
bridge it is addressed to. What the card was before is kept in the state folder until it leaves.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import paths, topology
from lab.errors import ExitCode, LabError
from lab.process import last_words, run
from lab.settings import Settings
from lab.topology import Topology


@dataclass(frozen=True)
class Before:
    """What a card was before it joined `bridge`: its IPv4 addresses with prefix length; whether it was up."""

    bridge: str
    addresses: tuple[str, ...]
    up: bool


class Ip:
    """The `ip` command, in this network namespace or a named one."""

    def __init__(self, namespace: str | None = None) -> None:
        self._argv = ["ip", *(["-n", namespace] if namespace else [])]

    def ask(self, *words: str) -> list[dict[str, Any]]:
        """What `ip -json` lists; empty if there is no such thing."""
        done = run([*self._argv, "-json", *words])
        # An absent filter match is printed as {}, or as nothing at all.
        return [row for row in json.loads(done.stdout or "[]") if row] if done.returncode == 0 else []

    def do(self, *words: str) -> None:
        """A change, through sudo when not root; raises LabError with the kernel's words."""
        done = run([*([] if os.geteuid() == 0 else ["sudo"]), *self._argv, *words])
        if done.returncode != 0:
            raise LabError(f"ip {' '.join(words)} failed: {last_words(done)}")


HERE = Ip()


def join(card: str, bridge: str, *, take_addresses: bool = False, ip: Ip = HERE) -> list[str]:
    """Make the card a port of the bridge and say what was done, a sentence each.

    Raises LabError, with nothing changed, for a card that is not there or that the VM needs for itself.
    """
    link = _link(card, ip)
    if not ip.ask("link", "show", "dev", bridge):
        raise LabError(
            f"the bridge {bridge} is not there: the lab is down; run: make up", ExitCode.UNMEASURED
        )
    if link.get("master") == bridge:
        return [f"{card} is on {bridge} already"]
    _must_be_free(card, link, bridge, ip)
    addresses = _addresses(card, ip)
    if addresses and not take_addresses:
        raise LabError(
            f"{card} has the address {addresses[0]}, which would stop working; "
            f"if you can do without it until leave-lan, run: make join-lan IF={card} TAKE_ADDRESSES=1",
            ExitCode.USAGE,
        )
    return _joined(card, link, bridge, addresses, ip)


def leave(card: str, *, ip: Ip = HERE) -> list[str]:
    """Take the card off the bridge, give it back what it had, and say what was done.

    Raises LabError for a card that never joined. A card that is gone (pulled out of the VM) is forgotten.
    """
    before = _remembered().get(card)
    if before is None:
        joined = ", ".join(_remembered()) or "none"
        raise LabError(f"{card} is not joined to the lab (joined: {joined})", ExitCode.USAGE)
    listed = ip.ask("link", "show", "dev", card)
    if not listed:
        _remember(card, None)
        return [f"{card} is gone from this VM; forgot it"]
    return _restore(card, before, listed[0].get("master"), ip)


def leave_all(*, ip: Ip = HERE) -> list[str]:
    """Give every card back, before the bridge goes; say what was done."""
    return [line for card in _remembered() for line in leave(card, ip=ip)]


def dynamic_range(settings: Settings) -> ipaddress.IPv4Network:
    """The addresses on the lab's network that the engine gives out itself."""
    document = topology.expand(yaml.safe_load(paths.COMPOSE_FILE.read_text()), settings.values)
    return ipaddress.IPv4Network(document["networks"]["lab"]["ipam"]["config"][0]["ip_range"])


def neighbours_guide(card: str, plan: Topology, dynamic: ipaddress.IPv4Network) -> str:
    """What to do on another machine on the card's wire."""
    zone = plan.zones["lab"]
    edge = plan.address("edge")
    first, last = zone.subnet[130], zone.subnet[199]
    address = f"{first}/{zone.subnet.prefixlen}"
    return (
        f"On another machine whose card is on the same wire (or virtual switch) as {card}:\n"
        f"  ip address add {address} dev eth1   # each machine its own: {first} to {last}\n"
        f"  ip link set eth1 up\n"
        f"  curl http://{edge}/edge-healthz\n"
        f"It needs no route: {edge} is its neighbour. Never use there: {edge} (the edge), "
        f"{zone.subnet[252]} and {zone.router} (the router), {zone.subnet[254]} (this VM), "
        f"{dynamic[0]} to {dynamic[-1]} (the engine's).\n"
        f"One lab to a wire: a second one would have {edge} as well."
    )


def _link(card: str, ip: Ip) -> dict[str, Any]:
    cards = {link["ifname"]: link for link in ip.ask("-details", "link", "show")}
    if card in cards:
        return cards[card]
    known = ", ".join(sorted(name for name, link in cards.items() if _is_card(link)))
    raise LabError(f"this VM has no card '{card}'; it has {known or 'none that could join'}", ExitCode.USAGE)


def _is_card(link: dict[str, Any]) -> bool:
    """Not loopback, nor a bridge, nor a port of somebody's bridge (the engine's own cables)."""
    kind = link.get("linkinfo", {}).get("info_kind")
    return link.get("link_type") == "ether" and kind not in {"bridge", "ifb"} and "master" not in link


def _must_be_free(card: str, link: dict[str, Any], bridge: str, ip: Ip) -> None:
    if "master" in link:
        raise LabError(f"{card} belongs to {link['master']} already; take it off there first", ExitCode.USAGE)
    if not _is_card(link):
        raise LabError(f"{card} is no network card, so it cannot join {bridge}", ExitCode.USAGE)
    for family in ("-4", "-6"):
        for route in ip.ask(family, "route", "show", "table", "all", "dev", card):
            if _is_needed(route):
                raise LabError(
                    f"{card} carries this VM's route to {route['dst']}, and joining would cut it off; "
                    "give the VM a second card and join that one",
                    ExitCode.USAGE,
                )


def _is_needed(route: dict[str, Any]) -> bool:
    """Whether it leads beyond the card's own network: to a gateway, or set by hand.

    By hand is protocol "boot", the one that ip does not mention.
    """
    automatic = route.get("protocol", "boot") in {"kernel", "ra", "dhcp"}
    return route.get("dst") == "default" or "gateway" in route or not automatic


def _addresses(card: str, ip: Ip) -> tuple[str, ...]:
    return tuple(
        f"{address['local']}/{address['prefixlen']}"
        for listed in ip.ask("-4", "address", "show", "dev", card)
        for address in listed.get("addr_info", [])
    )


def _joined(card: str, link: dict[str, Any], bridge: str, addresses: Sequence[str], ip: Ip) -> list[str]:
    # A card that the engine released with an earlier bridge has nothing left; what is remembered counts then.
    known = _remembered().get(card)
    before = known if known and not addresses else Before(bridge, tuple(addresses), "UP" in link["flags"])
    _remember(card, before)
    said = []
    try:
        if addresses:
            ip.do("-4", "address", "flush", "dev", card)
            said.append(f"took {', '.join(addresses)} off {card}")
        ip.do("link", "set", "dev", card, "master", bridge, "up")
    except LabError:
        _restore(card, before, None, ip)
        raise
    return [*said, f"{card} is now a port of {bridge}; undo with: make leave-lan IF={card}"]


def _restore(card: str, before: Before, master: str | None, ip: Ip) -> list[str]:
    said = []
    if master == before.bridge:
        ip.do("link", "set", "dev", card, "nomaster")
        said.append(f"{card} is no longer a port of {master}")
    present = _addresses(card, ip)
    for address in before.addresses:
        if address not in present:
            ip.do("address", "add", address, "broadcast", "+", "dev", card)
            said.append(f"{card} has {address} again")
    if not before.up:
        ip.do("link", "set", "dev", card, "down")
        said.append(f"{card} is down, as it was")
    _remember(card, None)
    return said


def _file() -> Path:
    return paths.state() / "lan.json"


def _remembered() -> dict[str, Before]:
    if not _file().exists():
        return {}
    listed: dict[str, Any] = json.loads(_file().read_text())
    return {
        card: Before(kept["bridge"], tuple(kept["addresses"]), kept["up"]) for card, kept in listed.items()
    }


def _remember(card: str, before: Before | None) -> None:
    kept = _remembered()
    kept.pop(card, None)
    if before:
        kept[card] = before
    _file().write_text(json.dumps({name: asdict(value) for name, value in kept.items()}, indent=2) + "\n")
