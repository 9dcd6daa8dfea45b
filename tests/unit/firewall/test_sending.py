"""What is sent once more, in which order, and whose packet a counter's change is taken for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from lab import settings, topology
from lab.errors import LabError
from lab.firewall import probe, sending, table
from lab.firewall.intent import Flow
from lab.firewall.site import Site

PLAN = topology.read(settings.defaults())
SITE = cast("Site", None)  # whatever would touch it is replaced
PASSES = Flow("client", "edge", "tcp", 80, "accept", "http")
BLOCKED = Flow("client", "app1", "tcp", 8000, "drop", "dropped")


class Router:
    """Counts what is sent in the flow's own counter, and answers with the next outcome that it was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: str) -> None:
        self.sent: list[Flow] = []
        self._outcomes: Iterator[str] = iter(outcomes)
        self._counted = {"http": 0, "dropped": 0, "other": 0}
        monkeypatch.setattr(probe, "outcome", self._outcome)
        monkeypatch.setattr(
            table, "counters", lambda _: {k: table.Counter(n, 0) for k, n in self._counted.items()}
        )

    def _outcome(self, _site: Site, flow: Flow, _address: str, _source: str | None) -> str:
        self.sent.append(flow)
        outcome = next(self._outcomes)
        if outcome == "error":
            raise LabError("host client is not running")
        self._counted[flow.counter] += 1
        return outcome


def test_an_accept_that_seems_dropped_is_sent_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    router = Router(monkeypatch, "drop", "accept")
    assert sending.send(SITE, PLAN, [PASSES]) == {PASSES: sending.Sent("accept", ("http",))}
    assert router.sent == [PASSES, PASSES]


def test_an_accept_that_is_dropped_twice_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    router = Router(monkeypatch, "drop", "drop")
    assert sending.send(SITE, PLAN, [PASSES])[PASSES].outcome == "drop"
    assert router.sent == [PASSES, PASSES]


@pytest.mark.parametrize("leak", ["accept", "reject"])
def test_what_gets_through_is_never_sent_again(monkeypatch: pytest.MonkeyPatch, leak: str) -> None:
    router = Router(monkeypatch, leak)
    assert sending.send(SITE, PLAN, [BLOCKED])[BLOCKED].outcome == leak
    assert router.sent == [BLOCKED]


def test_what_must_be_accepted_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    router = Router(monkeypatch, "accept", "drop")
    assert list(sending.send(SITE, PLAN, [BLOCKED, PASSES])) == [PASSES, BLOCKED]
    assert router.sent == [PASSES, BLOCKED]


def test_a_sender_that_is_not_there_is_told_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    Router(monkeypatch, "error", "drop")
    sent = sending.send(SITE, PLAN, [PASSES, BLOCKED])
    assert sent[PASSES] == sending.Sent("?", (), "host client is not running")
    assert sent[BLOCKED] == sending.Sent("drop", ("dropped",))


def test_a_forged_router_has_the_address_of_the_senders_zone() -> None:
    forged = Flow("client", "edge", "icmp", None, "drop", "spoofed", source="router")
    assert sending.addresses(PLAN, forged) == ("10.10.10.1", "10.10.20.253")
