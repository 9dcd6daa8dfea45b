"""Which targets count as alive without being asked, and what is said of one that does not."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import pytest

from lab.errors import LabError
from lab.firewall.alive import Targets
from lab.firewall.intent import Flow
from lab.firewall.site import Done

REACHED = Flow("edge", "app1", "tcp", 8000, "accept", "edge_to_app")
BLOCKED = Flow("client", "app1", "tcp", 8000, "drop", "clients_to_backend_dropped")
BLOCKED_PING = Flow("client", "app1", "icmp", None, "drop", "clients_to_backend_dropped")
ODD_PORT = Flow("client", "app1", "tcp", 22, "drop", "clients_to_backend_dropped", listener=False)


class Site:
    """Every command ends with the same exit code and the same words."""

    def __init__(self, code: int, said: str) -> None:
        self._code, self._said = code, said
        self.asked: list[str] = []

    def run(self, host: str, words: Sequence[str], *, stdin: str | None = None) -> Done:  # as Site's
        self.asked.append(host)
        return subprocess.CompletedProcess(words, self._code, "", self._said)

    def forge(self, host: str, source: str, target: str) -> Done:
        raise AssertionError(f"{host} shall not send from {source} to {target}")


@pytest.mark.parametrize("flow", [BLOCKED, BLOCKED_PING])
def test_a_target_that_another_host_has_reached_is_not_asked(flow: Flow) -> None:
    site = Site(1, "")
    Targets(site, [REACHED]).check(flow, "10.10.30.11")
    assert site.asked == []


@pytest.mark.parametrize("flow", [BLOCKED, BLOCKED_PING])
def test_one_that_nobody_has_reached_is_asked_on_itself(flow: Flow) -> None:
    site = Site(0, "")
    Targets(site, []).check(flow, "10.10.30.11")
    assert site.asked == ["app1"]


@pytest.mark.parametrize(
    ("flow", "code", "said", "complaint"),
    [
        (BLOCKED, 1, "Connection refused", "nothing listens on app1 at 10.10.30.11:8000"),
        (BLOCKED_PING, 1, "", "app1 does not answer its own ping to 10.10.30.11"),
        (ODD_PORT, 0, "", "intent.toml says that nothing listens on app1 at port 22, but something does"),
        (ODD_PORT, 124, "", "app1 does not answer itself at 10.10.30.11:22, so that silence would prove"),
    ],
)
def test_a_target_that_proves_nothing_is_an_error(flow: Flow, code: int, said: str, complaint: str) -> None:
    with pytest.raises(LabError, match=complaint):
        Targets(Site(code, said), []).check(flow, "10.10.30.11")


def test_an_open_port_does_not_prove_another_one_and_each_is_asked_once() -> None:
    site = Site(1, "Connection refused")
    targets = Targets(site, [REACHED])
    targets.check(ODD_PORT, "10.10.30.11")
    targets.check(ODD_PORT, "10.10.30.11")
    assert site.asked == ["app1"]
