"""router.nft proved by packets in bare namespaces: the whole matrix, wrong rulesets, and being locked out."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from lab import paths, settings, topology
from lab.errors import LabError
from lab.firewall import intent, loader, matrix, probe, table
from lab.firewall.matrix import Verdict
from tests.netns.fw_site import Namespaces, namespaces, without

RULESET = (paths.ROOT / "deploy/firewall/router.nft").read_text()

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("nft") or not shutil.which("ip"),
    reason="NO ROOT, nft OR ip HERE: THE FIREWALL WAS NOT TESTED IN NAMESPACES",
)


@pytest.fixture(scope="module")
def built() -> Iterator[Namespaces]:
    with namespaces(topology.read(settings.defaults())) as site:
        yield site


@pytest.fixture
def site(built: Namespaces) -> Namespaces:
    """The site with the ruleset as it is shipped."""
    built.use(RULESET)
    built.load_directly()
    return built


def failures(site: Namespaces, *, only: str = "") -> list[matrix.Result]:
    flows = intent.read(site.plan, table.counters(site))
    chosen = [flow for flow in flows if only in flow.words]
    assert chosen
    return [result for result in matrix.run(site, site.plan, chosen) if result.verdict is not Verdict.PASSED]


def test_every_flow_is_as_intended(site: Namespaces) -> None:
    assert [result.reason for result in failures(site)] == []


def test_every_counter_of_a_refusal_is_proved_by_a_flow(site: Namespaces) -> None:
    proved = {flow.counter for flow in intent.read(site.plan, table.counters(site))}
    refusing = {rule.counter for rule in table.rules(site) if rule.verdict != "accept"}
    # Floods have their own test; 'invalid' and 'forward_dropped' are for what no honest host sends.
    assert refusing - proved == {"syn_flood", "too_many_connections", "invalid", "forward_dropped"}


def test_a_missing_drop_is_caught(site: Namespaces) -> None:
    text = without(RULESET, "lab_to_internet_dropped drop").replace(
        "forward priority filter; policy drop", "forward priority filter; policy accept"
    )
    site.use(text)
    site.load_directly()
    (found,) = failures(site, only="edge → discord")
    assert "edge → discord tcp/80 must be drop, but was accept" in found.reason
    assert "chain forward: policy accept" in found.reason


def test_a_too_wide_accept_is_caught(site: Namespaces) -> None:
    policy = "type filter hook forward priority filter; policy drop;\n"
    wide = 'ip daddr $apps accept comment "the app servers for everybody"\n'
    assert policy in RULESET
    site.use(RULESET.replace(policy, policy + wide))
    site.load_directly()
    found = {result.flow.words: result for result in failures(site, only="app1 tcp")}
    assert "must be drop, but was accept" in found["client → app1 tcp/8000"].reason
    assert "the app servers for everybody" in found["client → app1 tcp/8000"].reason
    assert found["discord → app1 tcp/8000"].rule == "the app servers for everybody"


def test_an_anti_spoof_hole_is_caught(site: Namespaces) -> None:
    site.use(without(RULESET, "^        goto forged$"))
    site.load_directly()
    (found,) = failures(site, only="as app1")
    assert found.verdict is Verdict.FAILED
    assert "client as app1 → edge icmp" in found.reason
    assert "backend_to_lab_dropped" in found.reason, "the rule that let it come so far"


def test_a_dead_target_is_an_error_and_no_pass(site: Namespaces) -> None:
    flow = intent.Flow("client", "app1", "tcp", 8001, "drop", "clients_to_backend_dropped")
    (result,) = matrix.run(site, site.plan, [flow])
    assert result.verdict is Verdict.ERROR
    assert "nothing listens on app1 at 10.10.30.11:8001" in result.reason


def test_loading_keeps_the_counters(site: Namespaces) -> None:
    site.run("client", ["ping", "-c", "3", "-i", "0.01", "10.10.10.1"])
    before = table.counters(site)["clients_to_edge_probe"]
    assert before.packets >= 1
    loader.load(site, site.plan, file=site.ruleset, run=str(site.directory))
    assert table.counters(site)["clients_to_edge_probe"] == before
    assert not list(site.directory.glob("rollback-*")), "a confirmed load leaves no rollback behind"


def test_a_ruleset_that_locks_out_is_taken_back_at_once(site: Namespaces) -> None:
    locked = site.use(without(RULESET, "counter name clients_to_edge_http accept"))
    with pytest.raises(loader.RolledBackError, match="would lock the clients out"):
        loader.load(site, site.plan, file=locked, run=str(site.directory))
    assert failures(site, only="client → edge tcp/80") == []


def test_the_router_takes_it_back_by_itself_when_the_loader_is_gone(site: Namespaces) -> None:
    locked = site.use(without(RULESET, "counter name clients_to_edge_http accept"))

    def die() -> bool:
        raise KeyboardInterrupt

    # The loader dies after loading and before it can confirm; `_reachable` is what it would ask next.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "_reachable", lambda *_: die())
        with pytest.raises(KeyboardInterrupt):
            loader.load(site, site.plan, within=1, file=locked, run=str(site.directory))
    assert failures(site, only="client → edge tcp/80") != []
    deadline = time.monotonic() + 10
    while probe.connect(site, "client", "10.10.10.1", 80) != "accept" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert failures(site, only="client → edge tcp/80") == []


def test_a_file_that_does_not_parse_shows_nfts_caret_and_changes_nothing(site: Namespaces) -> None:
    before = table.rules(site)
    broken = site.use(RULESET.replace("tcp dport 8000", "tcp dprot 8000"))
    with pytest.raises(LabError) as caught:
        loader.load(site, site.plan, file=broken, run=str(site.directory))
    assert "router.nft:" in str(caught.value)
    assert "^^^^^" in str(caught.value)
    assert table.rules(site) == before


def test_a_flood_of_new_connections_is_cut_and_counted(site: Namespaces) -> None:
    slow = RULESET.replace(
        "limit rate over 3000/second burst 3000 packets", "limit rate over 5/second burst 5 packets"
    )
    assert slow != RULESET
    site.use(slow)
    site.load_directly()
    for _ in range(8):
        site.run("client", ["timeout", "0.2", "bash", "-c", "exec 3<>/dev/tcp/10.10.10.1/80"])
    assert table.counters(site)["syn_flood"].packets > 0


def test_clients_hide_behind_the_router_only_towards_the_internet(site: Namespaces) -> None:
    listing = subprocess.run(
        ["ip", "netns", "exec", "fw-router", "nft", "list", "chain", "inet", "lab", "source_nat"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert 'oifname "z-internet" ip saddr' in listing


def test_a_counter_with_a_comment_keeps_its_value_too(site: Namespaces) -> None:
    plain = "counter clients_to_edge_probe { }"
    assert plain in RULESET
    commented = site.use(RULESET.replace(plain, 'counter clients_to_edge_probe { comment "pings"; }'))
    site.run("client", ["ping", "-c", "1", "10.10.10.1"])
    before = table.counters(site)["clients_to_edge_probe"]
    loader.load(site, site.plan, file=commented, run=str(site.directory))
    loader.load(site, site.plan, file=commented, run=str(site.directory))
    assert table.counters(site)["clients_to_edge_probe"] == before


def test_two_loads_at_once_are_refused(site: Namespaces) -> None:
    waiting = site.directory / "rollback-first.nft"
    waiting.touch()
    with pytest.raises(LabError, match="another make firewall waits"):
        loader.load(site, site.plan, file=site.ruleset, run=str(site.directory))
    waiting.unlink()
