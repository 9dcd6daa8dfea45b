"""What rude clients see of a lab in order, and of one that lets them."""

from __future__ import annotations

import dataclasses
from typing import Any

from lab.audit.limits.evidence import Evidence
from lab.audit.limits.probe import Seen
from tests.unit.audit.planting import Plant

RULES = """
chain forward { ip saddr 10.10.20.0/24 meta l4proto tcp jump clients_pace }
chain clients_pace {
    ct state new update @syn_pace { ip saddr limit rate over 3000/second burst 3000 packets } goto flood
    ct state new add @open_connections { ip saddr ct count over 5000 } goto crowd
}
"""
SEEN = Seen(
    log_ins={400: 102, 429: 1},
    filings={400: 10, 429: 1},
    retry_after=["1", "38"],
    header=9.8,
    idle=10.0,
    body=10.0,
    beside_slow_bodies=200,
    large=413,
    chunked=413,
    line=414,
    headers=400,
    beside_crowd=429,
)
CLEAN = Evidence(SEEN, RULES)


def but(**seen: Any) -> Evidence:  # noqa: ANN401
    """The clean evidence, with something else seen."""
    return Evidence(dataclasses.replace(SEEN, **seen), RULES)


PLANTS = (
    Plant("LIMIT-LOGIN", "no limit on log-ins", but(log_ins={400: 140}), "/api/token/"),
    Plant("LIMIT-LOGIN", "log-ins fail otherwise", but(log_ins={503: 140}), "/api/token/"),
    Plant("LIMIT-FILING", "no throttle", but(filings={400: 22}), "/api/tickets/"),
    Plant("LIMIT-RETRY", "a 429 without a time", but(retry_after=["1", ""]), "429"),
    Plant("LIMIT-HEADER", "the time-out is each server's own", but(header=None), "slow header"),
    Plant("LIMIT-HEADER", "Nginx's default of 60 s", but(header=19.5), "slow header"),
    Plant("LIMIT-IDLE", "idle connections stay", but(idle=None), "silent client"),
    Plant("LIMIT-BODY", "bodies may take a minute", but(body=None), "silent body"),
    Plant("LIMIT-BUFFER", "threads wait for bodies", but(beside_slow_bodies=0), "/api/whoami/"),
    Plant("LIMIT-BUFFER", "replicas fail meanwhile", but(beside_slow_bodies=504), "/api/whoami/"),
    Plant("LIMIT-SIZE", "large bodies pass", but(large=201), "announced body of 6 MiB and a byte"),
    Plant("LIMIT-SIZE", "the body is waited for", but(large=0), "announced body of 6 MiB and a byte"),
    Plant("LIMIT-CHUNKED", "only announced ones count", but(chunked=400), "chunked body of more than 6 MiB"),
    Plant("LIMIT-LINE", "room for any address", but(line=404), "address of 40,000 characters"),
    Plant("LIMIT-HEADERS", "room for any headers", but(headers=200), "headers of 80,000 characters"),
    Plant("LIMIT-CONNECTIONS", "no limit_conn", but(beside_crowd=200), "edge"),
    Plant("LIMIT-SYN", "no pace", Evidence(SEEN, RULES.replace("limit rate over", "limit rate")), "router"),
    Plant("LIMIT-OPEN", "no count", Evidence(SEEN, RULES.replace("ct count over 5000", "counter")), "router"),
    Plant(
        "LIMIT-SYN",
        "nothing leads to the rules",
        Evidence(SEEN, RULES.replace("jump clients_pace", "accept")),
        "router",
        also=("LIMIT-OPEN",),
    ),
)
