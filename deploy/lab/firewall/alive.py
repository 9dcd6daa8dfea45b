"""Whether a target is alive: a packet that is dropped on its way to a dead host proves nothing."""

from __future__ import annotations

from collections.abc import Iterable

from lab.firewall import probe
from lab.firewall.intent import Flow
from lab.firewall.site import Site

PATIENCE = 5.0  # seconds for a target to reach its own address
SILENCE = "silence would prove nothing"


class Targets:
    """The targets, of which some have just answered another host; the others are asked on themselves."""

    def __init__(self, site: Site, reached: Iterable[Flow]) -> None:
        self._site = site
        self._reached = {(flow.target, port) for flow in reached for port in (None, flow.port)}
        self._own: dict[tuple[str, int], str] = {}

    def complaint(self, flow: Flow, address: str) -> str:
        """Why the flow's target cannot serve as one; empty if it is alive. The router is: it has counted."""
        if flow.target == "router":
            return ""
        if flow.protocol == "tcp":
            return self._of_port(flow, address)
        if (flow.target, None) in self._reached or probe.ping(self._site, flow.target, address) == "accept":
            return ""
        return f"{flow.target} does not answer its own ping to {address}, so that {SILENCE}"

    def _of_port(self, flow: Flow, address: str) -> str:
        where = (flow.target, flow.port or 0)
        if flow.listener and where in self._reached:
            return ""
        if where not in self._own:
            self._own[where] = probe.connect(self._site, flow.target, address, where[1], PATIENCE)
        own = self._own[where]
        if own == "drop" or (flow.listener and own != "accept"):
            return f"nothing listens on {flow.target} at {address}:{flow.port}, so that {SILENCE}"
        if flow.listener is False and own != "reject":
            port = f"{flow.target} at port {flow.port}"
            return f"intent.toml says that nothing listens on {port}, but something does"
        return ""
