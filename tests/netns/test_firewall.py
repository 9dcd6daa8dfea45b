"""router.nft proved by packets in bare namespaces: the whole matrix, wrong rulesets, and being locked out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from lab import paths, settings, topology
from lab.errors import LabError
from lab.firewall import direct, intent, loader, matrix, probe, table
from lab.firewall.matrix import Verdict
from tests.netns.fw_site import ECHO_REPLY, Namespaces, namespaces, without

# Opens connections and keeps them, until one is refused.
CROWD = """import socket, sys
opened = []
for _ in range(3):
    try:
        opened.append(socket.create_connection((sys.argv[1], int(sys.argv[2])), 10))
        print("open")
    except ConnectionRefusedError:
        print("refused")
"""
RULESET = (paths.ROOT / "deploy/firewall/router.nft").read_text()


@pytest.fixture(scope="module")
def built() -> Iterator[Namespaces]:
    with namespaces(topology.read(settings.defaults())) as site:
        yield site


@pytest.fixture
def site(built: Namespaces) -> Namespaces:
    """The site with the ruleset as it is shipped, and no connection remembered."""
    built.use(RULESET)
    built.load_directly()
    assert built.run("router", ["conntrack", "--flush"]).returncode == 0
    return built


def failures(site: Namespaces, *only: str) -> list[matrix.Result]:
    """Those of the flows that went wrong, of all or of those with one of these words."""
    flows = intent.read(site.plan, table.counters(site))
    chosen = [flow for flow in flows if not only or any(words in flow.words for words in only)]
    assert chosen
    return [result for result in matrix.run(site, site.plan, chosen) if result.verdict is not Verdict.PASSED]


def moved(site: Namespaces) -> set[str]:
    """The counters that have counted since the ruleset was loaded afresh."""
    return {name for name, counter in table.counters(site).items() if counter.packets}


def test_every_flow_is_as_intended(site: Namespaces) -> None:
    assert [result.reason for result in failures(site)] == []


def test_every_counter_is_proved_by_a_flow_or_by_a_test_of_its_own(site: Namespaces) -> None:
    every = table.counters(site).keys()
    proved = {flow.counter for flow in intent.read(site.plan, every)}
    assert every - proved == PROVED_BY.keys()
    assert {rule.counter for rule in table.rules(site)} == every, "a counter that no rule uses"


def test_what_belongs_to_a_connection_is_counted_as_such(site: Namespaces) -> None:
    before = table.counters(site)
    assert probe.connect(site, "client", "10.10.10.1", 80, patience=10) == "accept"
    after = table.counters(site)
    assert after["clients_to_edge_http"].packets == before["clients_to_edge_http"].packets + 1
    assert after["established"].packets >= before["established"].packets + 2


def test_an_answer_to_nothing_is_dropped_as_invalid(site: Namespaces) -> None:
    site.forge("client", site.plan.address("client"), "10.10.10.1", ECHO_REPLY)
    assert moved(site) == {"invalid"}


def test_a_resolver_may_be_asked_and_nobody_else(site: Namespaces) -> None:
    site.use(RULESET.replace("elements = $resolvers", "elements = { 203.0.113.80 }"))
    site.load_directly()
    flows = [
        intent.Flow("app1", "discord", protocol, 53, "accept", "app_to_dns", listener=False)
        for protocol in ("tcp", "udp")
    ]
    assert [result.reason for result in matrix.run(site, site.plan, flows)] == ["", ""]


def test_a_missing_drop_is_caught(site: Namespaces) -> None:
    text = without(RULESET, "lab_to_internet_dropped drop").replace(
        "forward priority filter; policy drop", "forward priority filter; policy accept"
    )
    site.use(text)
    site.load_directly()
    found = {result.flow.words: result.reason for result in failures(site, "edge → discord")}
    assert found.keys() == {"edge → discord tcp/80", "edge → discord tcp/22"}
    assert "edge → discord tcp/80 must be drop, but was accept" in found["edge → discord tcp/80"]
    assert "chain forward: policy accept" in found["edge → discord tcp/80"]


def test_a_too_wide_accept_is_caught(site: Namespaces) -> None:
    policy = "type filter hook forward priority filter; policy drop;\n"
    wide = 'ip daddr $apps accept comment "the app servers for everybody"\n'
    assert policy in RULESET
    site.use(RULESET.replace(policy, policy + wide))
    site.load_directly()
    found = {result.flow.words: result for result in failures(site, "app1 tcp")}
    assert "must be drop, but was accept" in found["client → app1 tcp/8000"].reason
    assert "the app servers for everybody" in found["client → app1 tcp/8000"].reason
    assert found["discord → app1 tcp/8000"].rule == "the app servers for everybody"


def test_an_accept_of_a_port_that_no_rule_names_is_caught(site: Namespaces) -> None:
    policy = "type filter hook forward priority filter; policy drop;\n"
    wide = 'ip daddr $apps tcp dport 22 accept comment "logins for everybody"\n'
    site.use(RULESET.replace(policy, policy + wide))
    site.load_directly()
    found = {result.flow.words: result for result in failures(site, "app1 tcp")}
    assert found.keys() == {f"{host} → app1 tcp/22" for host in ("client", "edge", "discord")}
    for result in found.values():
        assert (
            "must be drop, but was reject; the rule that decided is 'logins for everybody'" in result.reason
        )


def test_a_refusal_by_the_router_is_not_taken_for_the_targets_own(site: Namespaces) -> None:
    accept = "counter name clients_to_edge_https accept"
    assert accept in RULESET
    site.use(RULESET.replace(accept, accept.replace("accept", "reject with tcp reset")))
    site.load_directly()
    (found,) = failures(site, "client → edge tcp/443")
    assert "must be accept, but was reject; the rule that decided is 'HTTPS to" in found.reason


def test_two_rules_with_each_others_counters_are_caught(site: Namespaces) -> None:
    one, other = "clients_to_backend_dropped drop", "clients_to_internet_dropped drop"
    site.use(RULESET.replace(one, "x").replace(other, one).replace("counter name x", f"counter name {other}"))
    site.load_directly()
    swapped = failures(site, "client → app1 tcp/8000", "client → discord tcp/80")
    found = {result.flow.words: result.reason for result in swapped}
    assert "not by clients_to_backend_dropped (moved: clients_to_int" in found["client → app1 tcp/8000"]
    assert "not by clients_to_internet_dropped (moved: clients_to_ba" in found["client → discord tcp/80"]


# What is taken out of the ruleset, the forged packet that then gets through, and what must be said of it.
HOLES = {
    "no last word": ("^        goto forged$", "client as app1", "backend_to_lab_dropped"),
    "the router's own address": ("goto forged comment", "client as router", "not by spoofed (moved: none)"),
}  # fmt: skip


@pytest.mark.parametrize(("taken_out", "forged", "said"), HOLES.values(), ids=HOLES.keys())
def test_an_anti_spoof_hole_is_caught(site: Namespaces, taken_out: str, forged: str, said: str) -> None:
    site.use(without(RULESET, taken_out))
    site.load_directly()
    found = {result.flow.words: result for result in failures(site, " as ")}
    assert found[f"{forged} → edge icmp"].verdict is Verdict.FAILED
    assert said in found[f"{forged} → edge icmp"].reason


def test_one_of_our_addresses_from_the_internet_is_caught(site: Namespaces) -> None:
    site.use(
        RULESET.replace("iifname $internet_if ip saddr != $inside accept", "iifname $internet_if accept")
    )
    site.load_directly()
    (found,) = failures(site, " as ")
    assert found.reason.startswith("discord as client → edge icmp was drop as it must be, but not by spoofed")
    assert "(moved: clients_to_edge_probe)" in found.reason, "the rule that let it pass"


def test_a_dead_target_is_an_error_and_no_pass(site: Namespaces) -> None:
    flow = intent.Flow("client", "app1", "tcp", 8001, "drop", "clients_to_backend_dropped")
    (result,) = matrix.run(site, site.plan, [flow])
    assert result.verdict is Verdict.ERROR
    assert "nothing listens on app1 at 10.10.30.11:8001" in result.reason


def test_nor_does_a_host_that_is_down_pass_for_one_that_is_shielded(site: Namespaces) -> None:
    flow = intent.Flow("client", "app2", "icmp", None, "drop", "clients_to_backend_dropped")
    site.run("app2", ["ip", "link", "set", "lo", "down"])
    (result,) = matrix.run(site, site.plan, [flow])
    site.run("app2", ["ip", "link", "set", "lo", "up"])
    assert result.verdict is Verdict.ERROR
    assert "app2 does not answer its own ping to 10.10.30.12" in result.reason


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
    assert failures(site, "client → edge tcp/80") == []


def test_the_router_takes_it_back_by_itself_when_the_loader_is_gone(site: Namespaces) -> None:
    locked = site.use(without(RULESET, "counter name clients_to_edge_http accept"))

    def die() -> bool:
        raise KeyboardInterrupt

    # The loader dies after loading and before it can confirm; `_problem` is what it would ask next.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "_problem", lambda *_: die())
        with pytest.raises(KeyboardInterrupt):
            loader.load(site, site.plan, within=5, file=locked, run=str(site.directory))
    assert failures(site, "client → edge tcp/80") != []
    deadline = time.monotonic() + 30
    while probe.connect(site, "client", "10.10.10.1", 80) != "accept" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert failures(site, "client → edge tcp/80") == []


def test_a_file_that_does_not_parse_shows_nfts_caret_and_changes_nothing(site: Namespaces) -> None:
    before = table.rules(site)
    broken = site.use(RULESET.replace("tcp dport 8000", "tcp dprot 8000"))
    with pytest.raises(LabError) as caught:
        loader.load(site, site.plan, file=broken, run=str(site.directory))
    assert "router.nft:" in str(caught.value)
    assert "^^^^^" in str(caught.value)
    assert table.rules(site) == before


def test_a_flood_of_new_connections_is_cut_and_counted(site: Namespaces) -> None:
    shipped = "limit rate over 3000/second burst 3000 packets"
    assert shipped in RULESET
    site.use(RULESET.replace(shipped, "limit rate over 1/minute burst 5 packets"))
    site.load_directly()
    for _ in range(5):
        assert probe.connect(site, "client", "10.10.10.1", 80, patience=10) == "accept"
    assert "syn_flood" not in moved(site)
    assert probe.connect(site, "client", "10.10.10.1", 80) == "drop"
    assert "syn_flood" in moved(site)


def test_a_crowd_of_open_connections_is_refused_and_counted(site: Namespaces) -> None:
    assert "ct count over 5000" in RULESET
    site.use(RULESET.replace("ct count over 5000", "ct count over 2"))
    site.load_directly()
    done = site.run("client", [sys.executable, "-c", CROWD, "10.10.10.1", "80"])
    assert done.stdout.split() == ["open", "open", "refused"], done.stderr
    assert "too_many_connections" in moved(site)


def test_a_load_generator_gets_past_the_edge_while_it_may(site: Namespaces) -> None:
    locust, app = site.plan.address("locust"), site.plan.address("app1")
    assert probe.connect(site, "locust", app, 8000) == "drop"
    direct.allow(site, [locust], 60)
    assert probe.connect(site, "locust", app, 8000, patience=10) == "accept"
    assert probe.connect(site, "client", app, 8000) == "drop", "nobody else"
    assert table.counters(site)["clients_to_app_direct"].packets == 1
    direct.forbid(site, [locust])
    assert probe.connect(site, "locust", app, 8000) == "drop"
    assert table.counters(site)["clients_to_app_direct"].packets == 1


def test_the_router_ends_that_by_itself(site: Namespaces) -> None:
    locust, app = site.plan.address("locust"), site.plan.address("app1")
    direct.allow(site, [locust], 600)
    direct.allow(site, [locust], 1)
    deadline = time.monotonic() + 30
    while probe.connect(site, "locust", app, 8000) != "drop" and time.monotonic() < deadline:
        pass
    assert probe.connect(site, "locust", app, 8000) == "drop"
    direct.forbid(site, [locust])


def test_a_reload_takes_it_back(site: Namespaces) -> None:
    locust = site.plan.address("locust")
    direct.allow(site, [locust], 60)
    loader.load(site, site.plan, file=site.ruleset, run=str(site.directory))
    assert probe.connect(site, "locust", site.plan.address("app1"), 8000) == "drop"


def test_rules_without_the_set_say_what_to_do(site: Namespaces) -> None:
    site.use(RULESET.replace("set direct", "set other").replace("@direct", "@other"))
    site.load_directly()
    with pytest.raises(LabError, match=r"no set 'direct'.*run: make firewall"):
        direct.allow(site, [site.plan.address("locust")], 60)


def test_clients_hide_behind_the_router_only_towards_the_internet(site: Namespaces) -> None:
    listing = site.run("router", ["nft", "list", "chain", "inet", "lab", "source_nat"]).stdout
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


# What no flow between two honest hosts can prove.
PROVED_BY = {
    "established": test_what_belongs_to_a_connection_is_counted_as_such,
    "invalid": test_an_answer_to_nothing_is_dropped_as_invalid,
    "app_to_dns": test_a_resolver_may_be_asked_and_nobody_else,
    "clients_to_app_direct": test_a_load_generator_gets_past_the_edge_while_it_may,
    "syn_flood": test_a_flood_of_new_connections_is_cut_and_counted,
    "too_many_connections": test_a_crowd_of_open_connections_is_refused_and_counted,
}
