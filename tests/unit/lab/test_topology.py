"""docker-compose.yml read as the topology it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import paths, settings, topology
from lab.errors import ExitCode, LabError


def test_addresses_of_the_design() -> None:
    plan = topology.read(settings.defaults())
    known = {"edge": "10.10.10.1", "client": "10.10.20.10", "locust": "10.10.20.20", "app1": "10.10.30.11",
             "app2": "10.10.30.12", "app3": "10.10.30.13", "live": "10.10.30.14", "notifier": "10.10.30.15",
             "db": "10.10.30.20", "discord": "203.0.113.80"}  # fmt: skip
    assert {host: plan.address(host) for host in known} == known
    assert {zone.name: str(zone.subnet) for zone in plan.zones.values()} == {
        "clients": "10.10.20.0/24",
        "lab": "10.10.10.0/24",
        "backend": "10.10.30.0/24",
        "internet": "203.0.113.0/24",
    }


def test_the_vm_has_no_address_on_the_backend() -> None:
    zones = topology.read(settings.defaults()).zones
    assert {name for name, zone in zones.items() if zone.vm_address is None} == {"backend"}
    assert str(zones["lab"].vm_address) == "10.10.10.254"
    assert str(zones["lab"].router) == "10.10.10.253"


def test_one_setting_moves_every_network() -> None:
    plan = topology.read({**settings.defaults(), "LAB_PREFIX": "10.77"})
    assert plan.address("edge") == "10.77.10.1"
    assert str(plan.zones["backend"].subnet) == "10.77.30.0/24"


def test_fixed_addresses_lie_in_their_networks_and_outside_the_dynamic_range() -> None:
    plan = topology.read(settings.defaults())
    for host in plan.hosts.values():
        for zone, address in host.addresses.items():
            if address is not None:
                assert address in plan.zones[zone].subnet
                assert not 64 <= int(address) % 256 < 80 or host.name == "discord"


def test_bridge_names_fit_an_interface_name() -> None:
    longest = topology.read({**settings.defaults(), "LAB_BRIDGES": "abcdef"})
    assert max(len(zone.bridge) for zone in longest.zones.values()) <= 15


def test_unknown_host_is_told_which_hosts_there_are() -> None:
    with pytest.raises(LabError, match="there is no host 'web'; the hosts are router, edge,"):
        topology.read(settings.defaults()).address("web")


def test_expand_follows_compose() -> None:
    assert topology.expand({"a": ["${X:-1}.2", "${Y:-}"]}, {"X": "9"}) == {"a": ["9.2", ""]}
    assert topology.expand("${X:-1}", {"X": ""}) == "1"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("services:\n", "services: [\n", "docker-compose.yml is not YAML: "),
        (
            "        - subnet: ",
            "        - net: ",
            "docker-compose.yml is not a topology that the lab can",
        ),
        ("networks:\n  clients:", "networks:\n  - clients:", "docker-compose.yml is not"),
    ],
)
def test_a_broken_compose_file_is_one_sentence(
    before: str, after: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = paths.COMPOSE_FILE.read_text()
    assert before in text
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(text.replace(before, after))
    monkeypatch.setattr(paths, "COMPOSE_FILE", broken)
    with pytest.raises(LabError) as caught:
        topology.read(settings.defaults())
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE
