"""The topology is what docker-compose.yml says: routes, addresses, privileges, and who can reach whom."""

from __future__ import annotations

import json
import re

import pytest

from lab.engine import docker
from tests.lab.conftest import Lab, labelled


def hops(lab: Lab, host: str, target: str) -> list[str]:
    """The addresses that traceroute shows."""
    printed = lab.output(host, "traceroute", "-n", "-q", "1", "-w", "5", "-m", "5", target)
    return re.findall(r"^ *\d+ +(\S+)", printed, re.MULTILINE)


def test_client_to_edge_is_one_router_away(lab: Lab) -> None:
    assert hops(lab, "client", "10.99.10.1") == ["10.99.20.253", "10.99.10.1"]


@pytest.mark.parametrize("host", ["client", "locust", "edge", "app1", "app2", "live", "discord", "worker"])
def test_default_route_is_the_router(lab: Lab, host: str) -> None:
    (zone,) = lab.plan.hosts[host].addresses
    routes = json.loads(lab.output(host, "ip", "-json", "route", "show", "default"))
    assert [route["gateway"] for route in routes] == [str(lab.plan.zones[zone].router)]


def test_hosts_have_the_addresses_of_the_compose_file(lab: Lab) -> None:
    for name, host in lab.plan.hosts.items():
        if name in {"migrate", "worker", "app3", "notifier", "db"}:  # ended, any address, not in this lab
            continue
        shown = lab.output(name, "ip", "-o", "-4", "address")
        for address in host.addresses.values():
            assert f" {address}/24 " in shown, f"{name} lacks {address}:\n{shown}"


def test_only_the_router_may_change_the_network(lab: Lab) -> None:
    may = {}
    for container in labelled("ps", "--quiet"):
        (body,) = json.loads(docker("inspect", container))
        may[body["Config"]["Labels"]["com.docker.compose.service"]] = body["HostConfig"]["CapAdd"] or []
        assert body["HostConfig"]["CapDrop"] == ["ALL"]
        assert body["HostConfig"]["ReadonlyRootfs"]
        assert not body["HostConfig"]["Privileged"]
    assert {name for name, capabilities in may.items() if "NET_ADMIN" in "".join(capabilities)} == {"router"}


CURL = ["curl", "-sS", "-o", "/dev/null", "-m", "20"]
CURL_IN_VAIN = [*CURL, "-m", "2"]
# Who must not reach what, and the router's counter for it. `witness` may reach the same target, which shows
# that it is alive. (`make firewall-test` proves every flow; here curl does, as a student would.)
FORBIDDEN = [
    ("client", "http://10.99.30.11:8000/healthz", "edge", "clients_to_backend_dropped"),
    ("client", "http://10.99.30.14:8000/healthz", "edge", "clients_to_backend_dropped"),
    ("client", "http://198.18.99.80/healthz", "app1", "clients_to_internet_dropped"),
    ("app1", "http://10.99.20.20:8089/", "client", "backend_to_clients_dropped"),
    ("app1", "http://10.99.10.1/edge-healthz", "client", "backend_to_lab_dropped"),
    ("edge", "http://198.18.99.80/healthz", "app1", "lab_to_internet_dropped"),
    ("edge", "http://10.99.20.20:8089/", "client", "lab_to_clients_dropped"),
    ("discord", "http://10.99.30.11:8000/healthz", "edge", "internet_to_backend_dropped"),
    ("discord", "http://10.99.10.1/edge-healthz", "client", "internet_to_lab_dropped"),
]


@pytest.mark.parametrize(("host", "url", "witness", "counter"), FORBIDDEN)
def test_forbidden_flow_dies_at_the_router(lab: Lab, host: str, url: str, witness: str, counter: str) -> None:
    assert lab.on(witness, *CURL, url).returncode == 0, f"{url} is dead, so its silence proves nothing"
    before = lab.counters()[counter]
    assert lab.on(host, *CURL_IN_VAIN, url).returncode == 28, "28 is curl's code for no answer in time"
    assert lab.counters()[counter] > before, "it was blocked, but not by the router"


def test_other_ports_of_the_edge_are_refused_at_once(lab: Lab) -> None:
    before = lab.counters()["clients_to_edge_refused"]
    assert lab.on("client", *CURL, "http://10.99.10.1:8000/").returncode == 7, (
        "7 is curl's code for a refusal"
    )
    assert lab.counters()["clients_to_edge_refused"] > before


def test_a_forged_source_address_is_dropped(lab: Lab) -> None:
    before = lab.counters()["spoofed"]
    forged = ["nping", "--icmp", "-c", "1", "-e", "eth0", "-S", "10.99.30.11", "10.99.10.1"]
    assert "Raw packets sent: 1" in lab.output("client", *forged)
    assert lab.counters()["spoofed"] > before


def test_allowed_flows_use_their_own_counters(lab: Lab) -> None:
    before = lab.counters()
    lab.output("client", *CURL, "http://10.99.10.1/healthz")
    lab.output("client", "ping", "-c", "1", "10.99.10.1")
    after = lab.counters()
    used = {name for name in after if after[name] > before[name]}
    assert {"clients_to_edge_http", "clients_to_edge_probe", "edge_to_app", "established"} >= used
    assert {"clients_to_edge_http", "clients_to_edge_probe", "established"} <= used


def test_names_work_across_zones(lab: Lab) -> None:
    assert lab.output("client", "getent", "hosts", "edge").split()[0] == "10.99.10.1"
    assert lab.output("edge", "getent", "hosts", "app2").split()[0] == "10.99.30.12"
