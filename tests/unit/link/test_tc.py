"""The tc commands, and the nftables rules of the userspace engine."""

from __future__ import annotations

from link import steering, tc, words
from link.condition import Condition, Link
from link.gilbert import Gilbert
from link.zone import Zone

CLIENTS = Zone("clients", "10.10.20.0/24", "eth0", 0)
INTERNET = Zone("internet", "203.0.113.0/24", "eth3", 3, outside=True)


def test_the_command_for_every_value() -> None:
    condition = Condition(
        delay=0.04, jitter=0.005, correlation=0.25, gilbert=Gilbert(0.01, 0.2), duplicate=0.01, reorder=0.05,
        rate=10e6, limit=50,
    )  # fmt: skip
    assert " ".join(tc.netem(condition)) == (
        "netem limit 100 delay 40000us 5000us 25% distribution normal loss gemodel 1% 20% 100% 0% "
        "duplicate 1% reorder 5% rate 10000000bit"
    )
    assert " ".join(tc.netem(Condition(loss=0.005))) == "netem limit 1000 loss 0.5%"


def test_the_limit_holds_what_is_under_way_and_the_queue() -> None:
    assert tc.limit(Condition(delay=0.3)) >= 1e9 * 0.3 / 8 / 1514  # a gigabit and more never overflows
    assert tc.limit(Condition(delay=0.1, rate=100e6, limit=10)) == 826 + 10
    assert tc.limit(Condition()) == 1000


def test_up_goes_through_an_ifb_device_and_down_is_the_interface_itself() -> None:
    link = Link(up=Condition(delay=0.01), down=Condition(delay=0.02))
    said = [" ".join(command) for command in tc.setting(CLIENTS, link, "u32")]
    assert said[0].startswith("tc qdisc add dev eth0 root netem")
    assert said[-1] == (
        "tc filter add dev eth0 parent ffff: protocol ip u32 match u32 0 0 "
        "action mirred egress redirect dev ifb-clients"
    )
    assert len(tc.setting(CLIENTS, Link(down=Condition(delay=0.02)))) == 1
    assert tc.setting(CLIENTS, Link()) == []


def test_device_names_fit_linux() -> None:
    for zone in (CLIENTS, INTERNET):
        assert max(map(len, (zone.device("up"), zone.device("down"), zone.ifb))) <= 15


def test_no_link_no_rules() -> None:
    assert steering.ruleset([], [CLIENTS, INTERNET]) == "table inet link\ndelete table inet link\n"


def test_down_waits_after_judgement_but_towards_the_outside_before_it() -> None:
    inner = steering.ruleset([(CLIENTS, "down")], [CLIENTS, INTERNET])
    assert 'iifname "lk-clients-dn" notrack accept' in inner
    assert inner.index("after_nat") < inner.index("ip daddr 10.10.20.0/24 meta mark set 200")
    outer = steering.ruleset([(INTERNET, "down")], [CLIENTS, INTERNET])
    assert 'iifname "lk-internet-dn" notrack' not in outer
    assert outer.index("ip daddr != { 10.10.20.0/24 } meta mark set 203") < outer.index("untracked")


def test_words() -> None:
    both = Condition(delay=0.04)
    assert words.expect(Link(both, both)) == "40 ms one way, so expect 80 ms more per round trip"
    assert words.expect(Link(up=both)) == "40 ms up and 0 ms down, so expect 40 ms more per round trip"
    assert words.expect(Link(up=Condition(loss=0.1))) == ""
    said = words.describe(Condition(delay=0.04, jitter=0.005, loss=0.01, rate=10e6, duplicate=0.02))
    assert said == (
        "delay 40 ms ± 5 ms (normal), loss 1 %, rate 10 Mbit/s (queue of 83 packets: up to 100 ms), "
        "duplicate 2 %"
    )
    assert words.describe(None) == "as it is"
