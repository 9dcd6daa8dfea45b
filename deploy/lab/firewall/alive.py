"""Whether a target is alive: a packet that is dropped on its way to a dead host proves nothing."""

from __future__ import annotations

from collections.abc import Sequence

from lab.errors import LabError
from lab.firewall import probe
from lab.firewall.intent import Flow
from lab.firewall.site import Site

PATIENCE = 5.0  # seconds for a target to reach its own address
SILENCE = "silence would prove nothing"


class Targets:
    """The targets, of which some have just answered another host; the others are asked on themselves."""

    def __init__(self, site: Site, reached: Sequence[Flow]) -> None:
        self._site = site
        self._hosts = {flow.target for flow in reached}
        listening = (flow for flow in reached if flow.protocol == "tcp" and flow.listener)
        self._ports = {(flow.target, flow.port) for flow in listening}
        self._asked: dict[tuple[str, int], str] = {}

    def check(self, flow: Flow, address: str) -> None:
        """Raise LabError if the flow's target is not alive. The router is: it has counted."""
        if flow.target == "router":
            return
        if flow.protocol == "tcp":
            self._check_port(flow, address)
        elif flow.target not in self._hosts and self._is_deaf(flow.target, address):
            raise LabError(f"{flow.target} does not answer its own ping to {address}, so that {SILENCE}")

    def _is_deaf(self, host: str, address: str) -> bool:
        return probe.ping(self._site, host, address) != "accept"

    def _check_port(self, flow: Flow, address: str) -> None:
        """A listener must accept, and where there is none the target itself must refuse."""
        port = flow.port or 0
        if flow.listener and (flow.target, port) in self._ports:
            return
        own = self._own(flow.target, address, port)
        if own == "drop":
            raise LabError(f"{flow.target} does not answer itself at {address}:{port}, so that {SILENCE}")
        if flow.listener and own != "accept":
            raise LabError(f"nothing listens on {flow.target} at {address}:{port}, so that {SILENCE}")
        if flow.listener is False and own != "reject":
            where = f"{flow.target} at port {port}"
            raise LabError(f"intent.toml says that nothing listens on {where}, but something does")

    def _own(self, host: str, address: str, port: int) -> str:
        """What becomes of a host's connection to its own port; asked once."""
        if (host, port) not in self._asked:
            self._asked[host, port] = probe.connect(self._site, host, address, port, PATIENCE)
        return self._asked[host, port]
