"""ports.toml: what is said of a wrong one, and that it agrees with what the firewall is to let through."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import paths, settings, topology
from lab.audit.network import ports
from lab.audit.network.ports import Listed
from lab.errors import ExitCode, LabError
from lab.firewall import intent
from lab.firewall.intent import Flow

PLAN = topology.read(settings.defaults())
GOOD = '[[open]]\nfrom = "clients"\nto = ["edge", "locust"]\nports = [80]\n'
LISTED = {(entry.zone, entry.host, entry.port): entry.optional for entry in ports.read(PLAN)}
COUNTERS = re.findall(r"counter (\w+) \{", (paths.ROOT / "deploy/firewall/router.nft").read_text())
FLOWS = [
    flow
    for flow in intent.read(PLAN, COUNTERS)
    if flow.protocol == "tcp" and flow.source is None and flow.target != "router"
]


def read(folder: Path, text: str) -> list[Listed]:
    file = folder / "ports.toml"
    file.write_text(text)
    return ports.read(PLAN, file)


def test_an_entry_is_read_a_port_at_a_time(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD) == [
        Listed("clients", "edge", 80, False),
        Listed("clients", "locust", 80, False),
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ports", "port", "'port' is no key"),
        ("[80]", "80", "ports = 80 must be a list of ports, such as [80]"),
        ("[80]", "[0]", "0 is no port; ports go from 1 to 65535"),
        ('"locust"', '"locusts"', "to = 'locusts' is none of router, edge"),
        ('"clients"', '"client"', "from = 'client' is none of clients, lab"),
        ('from = "clients"\n', "", "'from' must name one of clients"),
        ("[80]", '[80]\noptional = "no"', "optional = 'no' must be true or false"),
    ],
)
def test_a_wrong_entry_is_refused_in_one_sentence(old: str, new: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LabError) as refused:
        read(tmp_path, GOOD.replace(old, new))
    assert f"ports.toml, entry 1: {told}" in str(refused.value)
    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("text", ["[[", "", "[open]\n"])
def test_a_file_that_lists_nothing_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"ports\.toml"):
        read(tmp_path, text)


def zone(host: str) -> str:
    return next(iter(PLAN.hosts[host].addresses))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.words)
def test_what_the_firewall_is_to_let_through_is_listed_and_nothing_else(flow: Flow) -> None:
    listed = LISTED.get((zone(flow.origin), flow.target, flow.port or 0))
    if flow.expect != "accept" or flow.listener is False:
        assert listed is None
    else:
        assert listed is (flow.listener is None)


def test_what_is_listed_from_zone_to_zone_is_what_the_firewall_is_to_let_through() -> None:
    accepted = {(zone(one.origin), zone(one.target), one.port) for one in FLOWS if one.expect == "accept"}
    crossing = {(origin, zone(host), port) for origin, host, port in LISTED if origin != zone(host)}
    assert crossing <= accepted
