"""What nmap finds open, from a host of the lab."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from lab.audit.model import UnmeasuredError
from lab.firewall.site import Containers
from lab.process import last_words

# Besides the ports that somebody listens on, or should: what the router might lead elsewhere.
WELL_KNOWN = "1-128,443,445,993,995,2375,2376,3306,3389,5432,5900,6379,8000-8100,8443,9000"
# Packets a second: not slower though nothing answers, and below what the router takes for a SYN flood
# (router.nft: 3000 new connections).
PACE = ("--min-rate", "1000", "--max-rate", "2000")
PATIENCE = "40s"  # for one host
LINE = re.compile(r"^Host: (\S+) .*?Ports: (.*)$", re.MULTILINE)


def scan(
    site: Containers, source: str, targets: Mapping[str, str], ports: Collection[int]
) -> set[tuple[str, int]]:
    """Host and port of all that is open from `source` at the targets' addresses (host to address).

    Looked at are these ports and the well-known ones; raises UnmeasuredError if nmap does not end well.
    """
    asked = ",".join([WELL_KNOWN, *map(str, sorted(ports))])
    options = ["-n", "-Pn", "-sS", "-T4", "--max-retries", "1", *PACE, "--host-timeout", PATIENCE]
    done = site.borrow(source, ["nmap", *options, "-p", asked, "-oG", "-", *targets.values()])
    if done.returncode != 0 or "# Nmap done" not in done.stdout:
        raise UnmeasuredError(f"nmap did not come to its end on {source}: {last_words(done)}")
    return parse(done.stdout, targets)


def parse(said: str, targets: Mapping[str, str]) -> set[tuple[str, int]]:
    """Host and port of what is open, in nmap's grepable output; UnmeasuredError if a target is missing."""
    names = {address: host for host, address in targets.items()}
    lines = dict(LINE.findall(said))
    missing = [host for address, host in names.items() if address not in lines]
    if missing:
        raise UnmeasuredError(f"nmap said nothing of {', '.join(missing)}; run the audit again")
    return {
        (names[address], int(port))
        for address, listed in lines.items()
        for port in re.findall(r"(\d+)/open/", listed)
    }
