"""The formulas that the lab's measurements stand beside, each with its source. Pure: no clock, no network.

Units throughout: seconds, bytes, bytes per second, requests per second; shares are fractions. A sentence in
brackets says where a formula stops being true, since that is what an experiment finds.
"""

from __future__ import annotations

from math import ceil, inf, log2, sqrt

# --- What a packet carries -------------------------------------------------------------------------------
MSS = 1448  # bytes of TCP payload in a 1500-byte packet with timestamps
FRAME = 1514  # the same packet on Ethernet
OVERHEAD = FRAME - MSS  # headers of each packet: Ethernet 14, IPv4 20, TCP 20 and its timestamps 12
INITIAL_WINDOW = 10  # segments, RFC 6928
TLS_ROUND_TRIPS = {"TLSv1.3": 1, "TLSv1.2": 2}  # full handshakes, RFC 8446 section 2 and RFC 5246 section 7.3
FIRST_RTO = 1.0  # seconds until a SYN, or its answer, is sent again: RFC 6298, section 2
MINIMAL_RTO = 0.2  # seconds: Linux' TCP_RTO_MIN, where RFC 6298 asks for 1 s


# --- Latency ---------------------------------------------------------------------------------------------
def round_trips(*, new: bool, tls: str | None = None) -> int:
    """Round trips of a request whose answer fits the first window: 1, and on a new connection its handshakes.

    Source: RFC 9293 section 3.5 (TCP: 1 before the request can go), and for TLS see TLS_ROUND_TRIPS.
    """
    return 1 + new * (1 + (TLS_ROUND_TRIPS[tls] if tls else 0))


def slow_start_rounds(size: int) -> int:
    """Round trips that a fresh connection's slow start adds to a response of `size` bytes.

    Source: RFC 5681 with RFC 6928's window of 10 segments, doubled each round trip: after n rounds
    10 * (2**(n + 1) - 1) segments are out.
    """
    segments = max(1, ceil(size / MSS))
    return max(0, ceil(log2(segments / INITIAL_WINDOW + 1)) - 1)


def latency(base: float, rtt: float, trips: int) -> float:
    """Seconds of a request that takes `base` without the link, which adds `rtt` to each round trip."""
    return base + trips * rtt


# --- Bandwidth -------------------------------------------------------------------------------------------
def on_the_wire(size: float) -> float:
    """Bytes on Ethernet of `size` bytes over TCP: each packet, the short last one too, has its OVERHEAD."""
    return size + OVERHEAD * max(1, ceil(size / MSS))


def transfer_time(size: float, rate: float) -> float:
    """Seconds that `size` bytes over TCP occupy a bottleneck of `rate` bytes per second on the wire.

    Source: the store-and-forward time L/R of each packet (Kurose and Ross, Computer Networking, section 1.4);
    over whole packets it comes to a goodput of rate · MSS / FRAME. [While one sender has the link for itself,
    its queue holds what a window sends at once, and slow start is no slower than the link.]
    """
    return on_the_wire(size) / rate


def bandwidth_delay_product(rate: float, rtt: float) -> float:
    """Bytes under way that keep a path of this rate and round trip busy (RFC 7323, section 1.1)."""
    return rate * rtt


def window_limit(window: float, rtt: float) -> float:
    """Bytes per second of a sender that may have `window` bytes unacknowledged: a window each round trip.

    Source: RFC 7323, section 1.1. [Until the window exceeds the bandwidth-delay product.]
    """
    return window / rtt


def fetch_time(size: int, rate: float, rtt: float) -> float:
    """Seconds from a fresh connection's SYN to the last of `size` bytes (rate: on the wire, bytes/s).

    A round trip for the handshake, one for the request, then rounds of slow start: each sends its window and
    waits for the first acknowledgement, until a window keeps the link busy. From there on the link counts.
    Source: the latency of a dynamic congestion window in the early editions of Kurose and Ross, Computer
    Networking, chapter 3, with RFC 6928's first window. [No loss; who paces takes a tenth more.]
    """
    segments, each = max(1, ceil(size / MSS)), FRAME / rate
    time, window = 2 * rtt, INITIAL_WINDOW
    while window < segments and window * each < rtt + each:
        time += rtt + each
        segments -= window
        window *= 2
    return time + segments * each


# --- Loss ------------------------------------------------------------------------------------------------
def mathis(rtt: float, loss: float) -> float:
    """Bytes per second of TCP Reno at random loss: MSS / RTT · √(3/2) / √p.

    Source: Mathis, Semke, Mahdavi, Ott, The macroscopic behavior of the TCP congestion avoidance algorithm
    (CCR 27(3), 1997), each packet acknowledged. [Reno only, and losses so rare that none meets a time-out.]
    """
    return MSS / rtt * sqrt(3 / 2) / sqrt(loss)


def hit_by_loss(loss: float, packets: int) -> float:
    """The share of exchanges of so many packets that lose at least one: 1 - (1 - p)**n.

    Source: independent losses. [Losses that come in bursts hit fewer exchanges, and those harder.]
    """
    return 1 - (1 - loss) ** packets


# --- Queues ----------------------------------------------------------------------------------------------
def little(rate: float, time: float) -> float:
    """Requests under way on average: L = λ·W.

    Source: Little, A proof for the queuing formula (Operations Research 9(3), 1961).
    """
    return rate * time


def interactive_rate(users: float, time: float, think: float) -> float:
    """Requests per second of users who each wait `time` for an answer and think: X = N / (R + Z).

    Source: Denning and Buzen, The operational analysis of queueing network models (CSUR 10(3), 1978).
    """
    return users / (time + think)


def capacity(servers: float, service: float) -> float:
    """Requests per second of `servers` that are never idle, each busy `service` seconds with one: c / S.

    Source: Denning and Buzen's utilisation law at utilisation 1.
    """
    return servers / service


def closed_bound(users: float, alone: float, think: float, most: float) -> float:
    """The most requests per second that users in a closed loop can cause: min(N / (R₁ + Z), capacity).

    `alone` is the response time of one user by himself, `most` the capacity. Source: the asymptotic bounds of
    Denning and Buzen. [An upper bound: below it by the queueing near the knee.]
    """
    return min(interactive_rate(users, alone, think), most)


def knee(alone: float, think: float, most: float) -> float:
    """The number of users at which the two bounds of `closed_bound` meet: N* = (R₁ + Z) · capacity."""
    return (alone + think) * most


def erlang_c(servers: int, offered: float) -> float:
    """The share of arrivals that must wait in M/M/c, `offered` = λ·S in Erlang; 1 when there is no end to it.

    Source: Erlang's second formula (Kleinrock, Queueing Systems I, section 3.5), from the blocking of his
    first by its recursion, which never overflows.
    """
    if offered >= servers:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def waiting_time(servers: int, rate: float, service: float) -> float:
    """Mean seconds in the queue of M/M/c: C(c, λS) · S / (c - λS); infinite from saturation on.

    Source: as `erlang_c`. [Arrivals and service times are random and independent; steadier ones wait less.]
    """
    offered = rate * service
    return erlang_c(servers, offered) * service / (servers - offered) if offered < servers else inf


# --- Caches ----------------------------------------------------------------------------------------------
def cache_hits(rate: float, lifetime: float) -> float:
    """The share of requests that a cache answers whose entries last `lifetime` seconds: λT / (1 + λT).

    Source: renewal theory. An entry is fetched by one request and then serves those of its lifetime, λT on
    average, before the next fetches it again. [Arrivals are random; one address is asked for.]
    """
    return rate * lifetime / (1 + rate * lifetime)
