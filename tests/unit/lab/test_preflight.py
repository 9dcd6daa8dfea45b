"""What is in the lab's way is named with what mends it."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from lab import preflight, settings, topology, vm
from lab.settings import Settings


@pytest.fixture
def defaults() -> Settings:
    return Settings(settings.defaults())


def subnet_findings(monkeypatch: pytest.MonkeyPatch, route: str, device: str) -> list[str]:
    monkeypatch.setattr(preflight, "_routes", lambda: [(ipaddress.IPv4Network(route), device)])
    monkeypatch.setattr(preflight, "_engine_networks", lambda: iter(()))
    monkeypatch.setattr(vm, "addresses_in_use", lambda: iter(()))
    plan = topology.read(settings.defaults())
    return [str(finding) for finding in preflight._subnets(plan)]


def test_campus_route_over_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = subnet_findings(monkeypatch, "10.10.0.0/16", "eth0")
    assert "10.10.20.0/24 (zone clients) is in use on this VM already: 10.10.0.0/16, route on eth0" in first
    assert "LAB_PREFIX=10.77 and 10.77.10.1 in ALLOWED_HOSTS is free" in first


def test_the_proposal_avoids_what_is_taken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = subnet_findings(monkeypatch, "10.0.0.0/8", "eth0")
    assert "LAB_PREFIX=172.20 and" in first


def test_the_labs_own_bridges_are_no_clash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert subnet_findings(monkeypatch, "10.10.10.0/24", "tl-lab") == []


def test_elsewhere_is_no_clash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert subnet_findings(monkeypatch, "192.168.1.0/24", "eth0") == []


def test_a_taken_port_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch, defaults: Settings) -> None:
    monkeypatch.setattr(preflight, "answers", lambda: True)
    monkeypatch.setattr(preflight, "docker", lambda *_: "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = [str(f) for f in preflight._ports(Settings({**defaults.values, "EDGE_PORT": str(port)}))]
    assert any(f"port 127.0.0.1:{port} (EDGE_PORT) cannot be used" in text for text in found)


def test_the_labs_own_port_is_no_clash(monkeypatch: pytest.MonkeyPatch, defaults: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(preflight, "docker", lambda *_: f"127.0.0.1:{port}->80/tcp")
        found = [str(f) for f in preflight._ports(Settings({**defaults.values, "EDGE_PORT": str(port)}))]
    assert not any("EDGE_PORT" in text for text in found)


def test_a_proxy_on_a_documentation_network_moves_the_labs_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_routes", list)
    monkeypatch.setattr(preflight, "_engine_networks", lambda: iter(()))
    monkeypatch.setattr(vm, "addresses_in_use", lambda: iter([("203.0.113.80", "the proxy")]))
    assert preflight.free_internet() == "198.51.100"
    plan = topology.read(settings.defaults())
    (found,) = preflight._subnets(plan)
    assert "203.0.113.0/24 (zone internet) is in use on this VM already: 203.0.113.80/32, the proxy" in str(
        found
    )
    assert "LAB_INTERNET=198.51.100 is free" in str(found)
