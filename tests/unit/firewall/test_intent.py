"""What `lab firewall test` says of a wrong intent.toml: file, entry, mend, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import paths, settings, topology
from lab.errors import ExitCode, LabError
from lab.firewall import intent
from lab.firewall.intent import Flow

PLAN = topology.read(settings.defaults())
COUNTERS = ["clients_to_edge_http", "spoofed"]
GOOD = """[[flow]]
from = "client"
to = "edge"
protocol = "tcp"
port = 80
expect = "accept"
counter = "clients_to_edge_http"
"""


def read(folder: Path, text: str) -> list[Flow]:
    file = folder / "intent.toml"
    file.write_text(text)
    return intent.read(PLAN, COUNTERS, file)


def test_a_flow_is_read_as_it_is_written(tmp_path: Path) -> None:
    (flow,) = read(tmp_path, GOOD)
    assert flow == Flow("client", "edge", "tcp", 80, "accept", "clients_to_edge_http")
    assert flow.words == "client → edge tcp/80"


def test_a_ping_needs_no_port_and_a_forged_one_names_its_alleged_sender(tmp_path: Path) -> None:
    text = GOOD.replace("tcp", "icmp").replace("port = 80\n", 'source = "app1"\n')
    (flow,) = read(tmp_path, text)
    assert flow.port is None
    assert flow.words == "client as app1 → edge icmp"


def test_a_listener_may_depend_on_what_the_lab_does(tmp_path: Path) -> None:
    (flow,) = read(tmp_path, GOOD + 'listener = "maybe"\n')
    assert flow.listener is None


# What is changed in a second, otherwise good entry, and what must be said of it.
MISTAKES = {
    "unknown host": ('"edge"', '"egde"', "to = 'egde' is no host; the hosts are router, edge,"),
    "unknown sender": ("port = 80", 'port = 80\nsource = "x"', "source = 'x' is no host; the hosts are"),
    "unknown counter": ("clients_to_edge_http", "http", "counter = 'http' is none of clients_to_edge_http,"),
    "unknown expectation": ('"accept"', '"allow"', "expect = 'allow' is none of accept, reject, drop"),
    "unknown protocol": ('"tcp"', '"sctp"', "protocol = 'sctp' is none of tcp, udp, icmp"),
    "unknown key": ("port = 80", "prot = 80", "'prot' is no key; the keys are counter, expect, from,"),
    "missing key": ('expect = "accept"\n', "", "'expect' is missing"),
    "no port": ("port = 80\n", "", "tcp and udp need a port, and icmp has none"),
    "a port for ping": ('"tcp"', '"icmp"', "tcp and udp need a port, and icmp has none"),
    "a port in quotes": ("port = 80", 'port = "80"', "port = '80' is no port; ports go from 1 to 65535"),
    "port 0": ("port = 80", "port = 0", "port = 0 is no port; ports go from 1 to 65535"),
    "a listener in doubt": ("port = 80", 'port = 80\nlistener = "no"', "listener = 'no' must be true, false"),
    "port 65536": ("port = 80", "port = 65536", "port = 65536 is no port; ports go from 1 to 65535"),
}  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_entry_and_its_mend(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    assert good in GOOD
    with pytest.raises(LabError) as caught:
        read(tmp_path, GOOD + GOOD.replace(good, bad))
    assert str(caught.value).startswith(f"intent.toml, flow 2: {said}")
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("text", ["", "# no flow at all\n"])
def test_a_file_without_flows_proves_nothing_and_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(LabError, match=r"intent\.toml names no \[\[flow\]\]") as caught:
        read(tmp_path, text)
    assert caught.value.exit_code is ExitCode.USAGE


def test_toml_that_does_not_parse_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"intent\.toml cannot be read: .*line 2, column") as caught:
        read(tmp_path, "[[flow]]\nfrom = client\n")
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"intent\.toml cannot be read: .*No such file"):
        intent.read(PLAN, COUNTERS, tmp_path / "intent.toml")


def test_the_shipped_file_has_a_flow_for_every_ordered_pair_of_zones() -> None:
    declared = _declared_counters()
    flows = intent.read(PLAN, declared)
    zone_of = {name: next(iter(host.addresses)) for name, host in PLAN.hosts.items() if name != "router"}
    # A forged packet says nothing of the pair, and the router is no host of a zone.
    honest = [flow for flow in flows if flow.source is None and flow.target != "router"]
    covered = {(zone_of[flow.origin], zone_of[flow.target]) for flow in honest}
    every = {(one, other) for one in PLAN.zones for other in PLAN.zones if one != other}
    assert every - covered == set()


def test_the_shipped_file_expects_all_three_ways_to_answer_and_forges_a_source() -> None:
    flows = intent.read(PLAN, _declared_counters())
    assert {flow.expect for flow in flows} == set(intent.EXPECTATIONS)
    assert any(flow.source for flow in flows)


def test_a_host_that_does_not_run_has_no_flows() -> None:
    flows = intent.read(PLAN, _declared_counters())
    running = set(PLAN.hosts) - {"db"}
    left = intent.among(flows, running)
    assert {flow.words for flow in set(flows) - set(left)} == {
        f"{origin} → db tcp/5432" for origin in ("client", "edge", "discord")
    }


def _declared_counters() -> list[str]:
    ruleset = (paths.ROOT / "deploy/firewall/router.nft").read_text()
    return [
        line.split()[1]
        for line in ruleset.splitlines()
        if line.strip().startswith("counter ") and "{ }" in line
    ]


REST = "to = 'edge'\nexpect = 'drop'\ncounter = 'c'\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[flow]\nfrom = 'client'\n", "names no [[flow]]"),
        ("[[flow]]\nfrom = ['client']\nprotocol = 'icmp'\n" + REST, "must be one text in quotes"),
        ("[[flow]]\nfrom = 'client'\nprotocol = 'tcp'\nport = true\n" + REST, "port = True is no port"),
    ],
)
def test_values_of_the_wrong_type(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "intent.toml"
    file.write_text(text)
    with pytest.raises(LabError) as caught:
        intent.read(topology.read(settings.defaults()), {"c"}, file)
    assert sentence in str(caught.value)
