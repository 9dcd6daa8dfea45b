"""The questions of exercise 1, and what is true."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lab.exercises.ex01_addresses.diagram import APPS, ROUTER
from lab.exercises.ex01_addresses.facts import DIRECT, Facts
from lab.exercises.ex01_addresses.plot import BYTES, NARROW, Plot
from lab.exercises.model import Answer, Mistake, Part, Question, Truth
from lab.exercises.quantity import COUNT
from lab.topology import Topology

NEXT = (DIRECT, ROUTER)
SENT_TTL = 64  # what Linux sends with; every router on the way takes one off
PATH = ("client", ROUTER, "edge", ROUTER, "app1")
FORGOT_EDGES = "two addresses of a subnet belong to no host: the first (the network) and the last (broadcast)"
MASK = "the mask's ones are the network's bits: a /{length} leaves {bits} bits, blocks of {size} addresses"


def questions(plot: Plot) -> Sequence[Question]:
    """What is asked of a student."""
    zone, last = plot.far
    near, far = f"host {plot.near} of zone clients", f"host {last} of zone {zone}"
    return (
        Question("network", Part.PREDICT, f"The network address of the subnet that {plot.subnet} is in."),
        Question("broadcast", Part.PREDICT, "Its broadcast address."),
        Question("first", Part.PREDICT, "The lowest address in it that a host may have."),
        Question("last", Part.PREDICT, "The highest address in it that a host may have."),
        Question("usable", Part.PREDICT, "How many addresses hosts may have in it.", COUNT),
        Question("near", Part.PREDICT, f"How does client reach {near}?", choices=NEXT),
        Question("far", Part.PREDICT, f"How does client reach {far}?", choices=NEXT),
        Question("narrow", Part.PREDICT, f"And {near}, if client's mask were /{NARROW}?", choices=NEXT),
        Question("ttl", Part.PREDICT, f"Hosts send with TTL {SENT_TTL}. With which TTL does an answer of the "
                 "edge arrive at client?", COUNT),
        Question("stranger_zone", Part.MEASURE, "The zone of the host in no plan.", choices=tuple(BYTES)),
        Question("stranger_address", Part.MEASURE, "Its address."),
        Question("gateway", Part.MEASURE, "The address of client's default route."),
        Question("path", Part.MEASURE, "All hosts that a request from client goes through, in their order, "
                 'until an app server has it. Write it like "a > b > c".'),
        Question("no_mac", Part.EXPLAIN, "On client, nmap shows MAC addresses in zone clients, and none in "
                 "zone lab. Why?", choices=("other-network", "firewall", "encrypted", "no-card")),
        Question("guarded", Part.EXPLAIN, "Is the router's firewall between the stranger and app1?",
                 choices=("yes", "no")),
        Question("single_points", Part.EXPLAIN, "Which hosts, each if it alone stops, cut all clients "
                 "off from the tickets?", listed=True),
    )  # fmt: skip


def truths(plot: Plot, facts: Facts, plan: Topology, answers: Mapping[str, Answer]) -> list[Truth]:
    """The right answers, those about the lab as the lab gave them."""
    return [
        *_reckoned(plot),
        *_ways(plot, facts),
        *_seen(plot, facts, plan, answers),
        *_explained(plot, facts),
    ]


def known(plot: Plot) -> list[Truth]:
    """The truths that need no lab."""
    return [*_reckoned(plot), Truth("stranger_zone", plot.zone)]


def _reckoned(plot: Plot) -> list[Truth]:
    net = plot.subnet.network
    length, size = net.prefixlen, net.num_addresses
    mask = MASK.format(length=length, bits=32 - length, size=size)
    network, broadcast = str(net.network_address), str(net.broadcast_address)
    first, last = str(net[1]), str(net[-2])
    return [
        Truth("network", network, mistakes=(Mistake(first, FORGOT_EDGES),), otherwise=mask),
        Truth("broadcast", broadcast, mistakes=(Mistake(last, FORGOT_EDGES),), otherwise=mask),
        Truth("first", first, mistakes=(Mistake(network, FORGOT_EDGES),), otherwise=mask),
        Truth("last", last, mistakes=(Mistake(broadcast, FORGOT_EDGES),), otherwise=mask),
        Truth("usable", float(size - 2), mistakes=_miscounted(size), otherwise=mask),
    ]


def _miscounted(size: int) -> tuple[Mistake, ...]:
    """Small blocks' mistakes lie nearer to each other than a mistake is taken for: the hint is the same."""
    return (Mistake(float(size), FORGOT_EDGES), Mistake(float(size - 1), FORGOT_EDGES))


def _ways(plot: Plot, facts: Facts) -> list[Truth]:
    said = "direct is what lies in the host's own subnet by its own mask; all else goes to the default route"
    narrow = DIRECT if plot.near < 2 ** (32 - NARROW) else ROUTER
    quarter = f"a /{NARROW} from .0 ends at .{2 ** (32 - NARROW) - 1}; is {plot.near} within?"
    none_off = Mistake(float(SENT_TTL), "each router on the way takes one off, hosts take none")
    return [
        Truth("near", facts.near, otherwise=said),
        Truth("far", facts.far, otherwise=said),
        Truth("narrow", narrow, otherwise=quarter),
        Truth("ttl", float(facts.ttl), mistakes=(none_off,)),
    ]


def _seen(plot: Plot, facts: Facts, plan: Topology, answers: Mapping[str, Answer]) -> list[Truth]:
    known = tuple(
        Mistake(str(host.address), f"that is {name}, a host of the lab (make topology)")
        for name, host in plan.hosts.items()
        if host.address
    )
    zones = list(plan.zones.values())
    routers = tuple(
        Mistake(str(zone.subnet[end]), "that is the router itself") for zone in zones for end in (252, 253)
    )
    vms = tuple(Mistake(str(zone.subnet[254]), "that is the VM itself") for zone in zones)
    elsewhere = "no stranger answers there; sweep every zone, and leave out whom make topology names"
    return [
        Truth("stranger_zone", plot.zone, otherwise="its address tells: compare with the zones' subnets"),
        Truth("stranger_address", plot.address(plan), mistakes=(*known, *routers, *vms), otherwise=elsewhere),
        Truth("gateway", facts.gateway, mistakes=(
            Mistake(facts.gateway.replace(".253", ".254"), "that is the VM; look at ip route on the client"),
            Mistake(plan.address("edge"), "that is where requests go in the end; see ip route on the client"),
        ), otherwise="the address after 'default via' of ip route, on the client"),
        _path(answers.get("path")),
    ]  # fmt: skip


def _path(answer: Answer | None) -> Truth:
    """Written in any way, with any one of the app servers."""
    said = re.findall(r"[a-z0-9]+", answer.text.casefold()) if answer else []
    right = said[:-1] == list(PATH[:-1]) and said[-1] in ("app", *APPS)
    if answer and right:
        return Truth("path", answer.text)
    if said.count(ROUTER) < PATH.count(ROUTER):
        hint = "every time the zone changes the router is crossed: clients to lab, lab to backend"
    else:
        hint = "client, then whatever it crosses, to the edge; from there again, to an app server: make trace"
    return Truth("path", " > ".join(PATH), otherwise=hint)


def _explained(plot: Plot, facts: Facts) -> list[Truth]:
    guarded = "no" if plot.zone == "backend" else "yes"
    return [
        Truth("no_mac", "other-network", mistakes=(
            Mistake("firewall", "it lets nmap's probes through, or no host of zone lab would have answered"),
        ), otherwise="a MAC address is good for one network; who carries a packet on into the next?"),
        Truth("guarded", guarded, otherwise="the router sees what goes from zone to zone, and nothing else"),
        Truth("single_points", facts.single, otherwise="app1 and app2 stand in for each other; of which "
              "hosts on a request's path is there only one?"),
    ]  # fmt: skip
