"""Real packets from one host to another, and what became of them as the sender saw it."""

from __future__ import annotations

from lab.errors import ExitCode, LabError
from lab.firewall.intent import Flow
from lab.firewall.site import Done, Site

# Seconds without an answer until a packet counts as dropped: long enough for TCP's second attempt after one
# second, so that a single lost packet is not taken for the firewall's doing.
PATIENCE = 1.5
# In every host's image, unlike nc: bash opens a TCP connection by itself. A refusal comes as 'refused' (a
# reset), or as 'No route to host' (an ICMP message of the firewall).
TCP = 'exec 3<>"/dev/tcp/$0/$1"'
# UDP tells nothing by itself: after a datagram, a read shows whether an ICMP error came back.
UDP = 'exec 3<>"/dev/udp/$0/$1"; echo probe >&3; read -r -t "$2" line <&3'


def outcome(site: Site, flow: Flow, address: str, source: str | None) -> str:
    """accept, reject or drop, as the sender sees it; for a forged source the answer goes elsewhere: drop.

    Raises LabError (exit code 3) when the sender could not send at all.
    """
    if source is not None:
        done = site.forge(flow.origin, source, address)
        if done.returncode != 0:
            raise LabError(f"{flow.words}: could not be sent: {done.stderr.strip()}", ExitCode.UNMEASURED)
        return "drop"
    if flow.protocol == "icmp":
        return ping(site, flow.origin, address)
    if flow.protocol == "udp":
        return _udp(site, flow, address)
    return connect(site, flow.origin, address, flow.port or 0)


def connect(site: Site, host: str, address: str, port: int, patience: float = PATIENCE) -> str:
    """What becomes of a TCP connection within `patience` seconds: accept, reject or drop."""
    done = site.run(host, ["timeout", str(patience), "bash", "-c", TCP, address, str(port)])
    if done.returncode == 0:
        return "accept"
    if done.returncode == 124:
        return "drop"
    return _refusal(host, done)


def ping(site: Site, host: str, address: str) -> str:
    """What becomes of one ping: accept, reject or drop."""
    done = site.run(host, ["ping", "-n", "-c", "1", "-W", str(PATIENCE), address])
    if done.returncode == 0:
        return "accept"
    if done.returncode == 1:
        return "reject" if "filtered" in done.stdout or "prohibited" in done.stdout else "drop"
    raise LabError(f"host {host} cannot ping: {done.stderr.strip()}", ExitCode.UNMEASURED)


def _udp(site: Site, flow: Flow, address: str) -> str:
    done = site.run(flow.origin, ["bash", "-c", UDP, address, str(flow.port), str(PATIENCE)])
    if done.returncode == 0:
        return "accept"
    if done.returncode > 128 and not done.stderr.strip():
        return "drop"
    return _refusal(flow.origin, done)


def _refusal(host: str, done: Done) -> str:
    if "refused" in done.stderr or "No route to host" in done.stderr or "Permission denied" in done.stderr:
        return "reject"
    raise LabError(f"host {host} could not send the probe: {done.stderr.strip()}", ExitCode.UNMEASURED)
