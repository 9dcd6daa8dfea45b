"""The right answers, each read from the student's own captures, and the mistakes that are often made."""

from __future__ import annotations

from lab.exercises.ex03_packets.asked import MSS, TIMESTAMPS, Asked
from lab.exercises.ex03_packets.evidence import ROUTED_TTL, SENT_TTL, Evidence
from lab.exercises.model import Mistake, Truth

FIRST = "the captures must be right first"
MEASURED = ("mss", "syn_sequence", "syn_acknowledged", "ttl_seen", "segments_seen", "app", "edge_port")


def truths(drawn: Asked, evidence: Evidence | None) -> list[Truth]:
    """The truth of every question; of what is to be seen only once there are captures to see it in."""
    seen = _seen(evidence) if evidence else [Truth(name, "", otherwise=FIRST) for name in MEASURED]
    return [*_predicted(drawn), *seen, *_explained()]


def known(drawn: Asked) -> list[Truth]:
    """The truths that need no lab."""
    return [*_predicted(drawn), *_explained()]


def _predicted(drawn: Asked) -> list[Truth]:
    one = Mistake(1.0, "the client's connection ends at the edge; the edge opens one of its own to the app")
    unrouted = Mistake(float(SENT_TTL), "each router on the way takes one off, and there is one")
    hosts = Mistake(62.0, "only a router takes one off, not the host that receives")
    whole = Mistake(1.0, f"one packet carries at most the MSS, {MSS} bytes less what TCP's options take")
    client = Mistake(
        "client", "the edge is a proxy: it ends the client's connection, and asks the app as itself"
    )
    router = Mistake("router", "the router translates no addresses between the lab's own zones")
    return [
        Truth("connections", 2.0, mistakes=(one,), otherwise="count who opens one: the client, the edge"),
        Truth("source_at_app", "edge", mistakes=(client, router)),
        Truth("ttl_at_edge", float(ROUTED_TTL), mistakes=(unrouted, hosts), otherwise="64, less the routers"),
        Truth(
            "segments", float(drawn.segments), absolute=1.0, mistakes=(whole,),
            otherwise=f"bytes of headers and body, divided by {MSS} - {TIMESTAMPS}, rounded up",
        ),
    ]  # fmt: skip


def _seen(evidence: Evidence) -> list[Truth]:
    syn, syn_ack = evidence.left.syn, evidence.left.syn_ack
    if syn is None or syn_ack is None:
        raise ValueError("evidence without a handshake")
    mtu = Mistake(1500.0, "that is the MTU: the MSS is without the headers of IP and TCP")
    less = Mistake(float(MSS - TIMESTAMPS), "that is what is left for data: the SYN's option says more")
    forgot = Mistake(str(syn.sequence), "a SYN counts as one byte: what is acknowledged is one more")
    relative = Mistake("1", "that is tcpdump's relative number: -S shows those on the wire")
    zero = Mistake("0", "that is Wireshark's relative number: -S shows those on the wire")
    at_client = Mistake(float(SENT_TTL), "that is in the client's capture; look at the edge's")
    segments = float(evidence.arrived.carrying)
    big = Mistake(float(evidence.left.carrying), "that many are in the client's capture; count the edge's")
    app = "{}:{}".format(*evidence.passed_on.server)
    front = Mistake(str(evidence.left.client[1]), "that is the client's port; the edge has one of its own")
    return [
        Truth("mss", float(syn.mss or 0), mistakes=(mtu, less), otherwise="read the SYN's options"),
        Truth("syn_sequence", str(syn.sequence), mistakes=(zero, relative), otherwise="seq of [S]"),
        Truth("syn_acknowledged", str(syn_ack.acknowledged), mistakes=(forgot, relative),
              otherwise="ack of the packet with [S.]"),
        Truth("ttl_seen", float(evidence.arrived.out[0].ttl), mistakes=(at_client,)),
        Truth("segments_seen", segments, mistakes=() if big.value == segments else (big,),
              otherwise="count the packets from the client that have a length above 0"),
        Truth("app", app, otherwise="the target of the edge's own packets to port 8000"),
        Truth("edge_port", str(evidence.passed_on.client[1]), mistakes=(front,),
              otherwise="the source port of the edge's packets to port 8000"),
    ]  # fmt: skip


def _explained() -> list[Truth]:
    source = Mistake(
        "source-address", "the source of the packets that the app gets is the edge's: look again"
    )
    log = Mistake(
        "x-request-id", "that names the request; read what the edge sends to the app, header by header"
    )
    jumbo = Mistake("jumbo-frames", "the MTU is 1500 all the way: ip link shows it")
    fragments = Mistake(
        "fragments", "fragments are of IP, and no packet has an offset; these were not cut yet"
    )
    lost = Mistake("firewall", "without a SYN the firewall would let nothing through: it came before")
    return [
        Truth("client_known_by", "x-forwarded-for", mistakes=(source, log)),
        Truth("big_packets", "split-later", mistakes=(jumbo, fragments)),
        Truth("no_syn", "kept-alive", mistakes=(lost,), otherwise="each TCP connection begins with one"),
    ]
