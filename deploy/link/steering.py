"""Which packets go through which TUN device: nftables marks them, routing follows the mark.

A packet that is to wait crosses the router more than once, into a TUN device and on from it, but is the
firewall's, conntrack's and NAT's business exactly once. The other crossings are not tracked. That one is:

    up              the crossing out of the TUN device: what arrives waits first, and is then judged
    down            the crossing into it: what has been judged waits before it leaves (to which zone an
                    answer to a masqueraded connection goes shows only after NAT has seen it)
    down, outside   the crossing out of it, since masquerading looks at the device that a packet leaves by

So router.nft begins its forward chain with

    ct state untracked iifname "lk-*" accept
    ct state untracked oifname "lk-*" accept

and all its other rules name addresses, not devices. `fib` asks the routing tables themselves: if a device has
vanished with its process, its route has too, and packets are tracked, judged and routed without a link.

Packets for the router's own addresses wait too, unless they are pings: they are answers to connections that
it masquerades, and look like its own until NAT has seen them. That is why our rules stand before the table
`local`. What the router itself sends (answers to pings, traceroute's first hop) never waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from link.commands import EngineError, run
from link.condition import Link
from link.zone import Zone

TABLE = "inet link"
RULE_BASE = 10  # our rules' preferences: 10 plus a slot (up), 110 plus a slot (down)
LOCAL = 300  # where the table `local` stands while there are rules that must come first
OURS = range(RULE_BASE, LOCAL)

Path = tuple[Zone, str]


def paths(links: Mapping[Zone, Link]) -> list[Path]:
    """The zone and direction of each impaired path."""
    return [
        (zone, direction)
        for zone, link in links.items()
        for direction in ("up", "down")
        if getattr(link, direction) is not None
    ]


def ruleset(impaired: Sequence[Path], zones: Iterable[Zone]) -> str:
    """The nftables file that marks these paths' packets, and no others; `zones` are all there are."""
    clean = f"table {TABLE}\ndelete table {TABLE}\n"
    if not impaired:
        return clean
    inside = ", ".join(zone.subnet for zone in zones if not zone.outside)
    ups = [zone for zone, direction in impaired if direction == "up"]
    downs = [zone for zone, direction in impaired if direction == "down"]
    judged = [f'iifname "{zone.device("down")}" notrack accept' for zone in downs if not zone.outside]
    arriving = [f'iifname "{zone.interface}" {_mark(zone, "up")}' for zone in ups]
    elsewhere = f"fib daddr type unicast ip daddr != {{ {inside} }}"
    leaving_lab = [
        f'iifname != "{zone.device("down")}" {elsewhere} {_mark(zone, "down")}'
        for zone in downs
        if zone.outside
    ]
    entering_zone = [
        f'iifname != "{zone.device("down")}" ip daddr {zone.subnet} {_mark(zone, "down")}'
        for zone in downs
        if not zone.outside
    ]
    return f"""{clean}table {TABLE} {{
    chain before_tracking {{
        type filter hook prerouting priority raw - 10; policy accept;
        meta nfproto != ipv4 accept
        {_lines(judged)}
        fib daddr type != {{ unicast, local }} accept
        fib daddr type local icmp type echo-request accept
        {_lines(arriving + leaving_lab)}
    }}
    chain untracked {{
        type filter hook prerouting priority raw; policy accept;
        meta mark != 0 fib daddr . mark oifname "lk-*" notrack
    }}
    chain after_nat {{
        type filter hook prerouting priority dstnat + 10; policy accept;
        meta mark != 0 accept
        {_lines(entering_zone)}
    }}
}}
"""


def _mark(zone: Zone, direction: str) -> str:
    return f"meta mark set {zone.table(direction)} accept"


def _lines(rules: Iterable[str]) -> str:
    return "\n        ".join(rules)


async def steer(impaired: Sequence[Path], zones: Iterable[Zone]) -> None:
    """Send exactly these paths' packets through their TUN devices, and all others the kernel's own way."""
    present = await _our_rules()
    wanted = {RULE_BASE + zone.table(way) - 100: zone.table(way) for zone, way in impaired}
    if wanted:
        await _batch([f"rule add pref {LOCAL} lookup local"] if not await _has_rule(LOCAL) else [])
        await _batch(
            f"rule add pref {pref} fwmark {mark} lookup {mark}"
            for pref, mark in wanted.items()
            if pref not in present
        )
        await _batch(["rule delete pref 0 lookup local"] if await _has_rule(0) else [])
    await run(["nft", "-f", "-"], ruleset(impaired, zones))
    if not wanted:
        await _batch(["rule add pref 0 lookup local"] if not await _has_rule(0) else [])
        await _batch([f"rule delete pref {LOCAL} lookup local"] if await _has_rule(LOCAL) else [])
    await _batch(f"rule delete pref {pref}" for pref in present if pref not in wanted)


async def route(zone: Zone, impaired_device: str, direction: str, queue: int) -> None:
    """Bring a TUN device up and make it the only route of its table; `queue` packets may wait to be read."""
    await _batch(
        [
            f"link set dev {impaired_device} mtu {await _mtu(zone)} txqueuelen {queue} up",
            f"route replace default dev {impaired_device} table {zone.table(direction)}",
        ]
    )


async def _mtu(zone: Zone) -> int:
    listing = json.loads(await run(["ip", "-json", "link", "show", "dev", zone.interface]))
    return int(listing[0]["mtu"])


async def _rules() -> list[int]:
    return [rule["priority"] for rule in json.loads(await run(["ip", "-json", "-4", "rule", "show"]))]


async def _our_rules() -> list[int]:
    return [pref for pref in await _rules() if pref in OURS]


async def _has_rule(pref: int) -> bool:
    return pref in await _rules()


async def _batch(lines: Iterable[str]) -> None:
    text = "\n".join(lines)
    if not text:
        return
    try:
        await run(["ip", "-4", "-batch", "-"], text + "\n")
    except EngineError as error:
        raise EngineError(f"the router would not take '{text.splitlines()[0]}': {error}") from error
