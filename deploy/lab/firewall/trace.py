"""Which rule decided about a packet: nftables' own trace, for a flow that went another way than intended."""

from __future__ import annotations

import re
from collections.abc import Callable

from lab.errors import ExitCode, LabError
from lab.firewall.site import Site
from lab.firewall.table import TABLE

# A table of its own marks the flow's packets for tracing before any other chain sees them.
MARK = """table inet lab_trace
delete table inet lab_trace
table inet lab_trace {{
    chain to_trace {{
        type filter hook prerouting priority raw - 20; policy accept;
        ip daddr {address} meta nftrace set 1
    }}
}}
"""
# Prints the name of the file to which the monitor writes, once the monitor runs; it ends by itself.
WATCH = """file=$(mktemp -p /run)
setsid --fork timeout 20 nft monitor trace >"$file" 2>&1 </dev/null
sleep 0.3
echo "$file"
"""
# NAT decides nothing about passing, so its chain is left out.
DECISION = re.compile(
    rf"inet {TABLE} (?!source_nat)(\S+) "
    r"(?:rule (?P<rule>.*) \(verdict (?:accept|drop)\)|policy (?P<policy>accept|drop))"
)


def deciding_rule(site: Site, address: str, send: Callable[[], object]) -> str:
    """Send the packets to `address` again; return the rule that had the last word, empty if none was seen."""
    marked = site.run("router", ["nft", "-f", "-"], stdin=MARK.format(address=address))
    if marked.returncode != 0:
        raise LabError(f"the router cannot trace packets: {marked.stderr.strip()}", ExitCode.UNMEASURED)
    file = site.run("router", ["sh", "-c", WATCH]).stdout.strip()
    try:
        send()
        seen = site.run("router", ["sh", "-c", 'sleep 0.3; cat "$0"; rm "$0"', file]).stdout
    finally:
        site.run("router", ["nft", "delete", "table", "inet", "lab_trace"])
    return last_word(seen)


def last_word(trace: str) -> str:
    """The deciding rule of the trace's first packet, as its comment or its text; or the chain's policy."""
    # Each packet begins in our own table; its later hooks have trace ids of their own.
    packets = trace.split("inet lab_trace to_trace packet:")
    decisions = list(DECISION.finditer(packets[1])) if len(packets) > 1 else []
    if not decisions:
        return ""
    last = decisions[-1]
    if last["policy"]:
        return f"chain {last[1]}: policy {last['policy']}"
    comment = re.search(r'comment "([^"]*)"', last["rule"])
    return comment[1] if comment else last["rule"]
