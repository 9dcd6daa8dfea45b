"""A ruleset may touch the lab's own table only: nothing else could be taken back."""

from __future__ import annotations

import pytest

from lab import paths
from lab.errors import ExitCode, LabError
from lab.firewall import ownership

RULESET = (paths.ROOT / "deploy/firewall/router.nft").read_text()


def test_the_routers_own_file_is_accepted() -> None:
    ownership.check(RULESET, "router.nft")


@pytest.mark.parametrize(
    "harmless",
    [
        "# flush ruleset\n",
        'define a = { 10.0.0.1,\n 10.0.0.2 }; include "/run/lab/topology.nft"\n',
        'add rule inet lab forward counter drop comment "} flush ruleset {"\n',
        "table inet lab { chain x { } }; delete chain inet lab x\n",
    ],
)
def test_what_is_about_the_labs_table_is_accepted(harmless: str) -> None:
    ownership.check(RULESET + harmless, "mine.nft")


@pytest.mark.parametrize(
    ("harmful", "named"),
    [
        ("flush ruleset", "flush ruleset"),
        ("table ip mine { chain f { type filter hook forward priority 5; policy drop; } }", "table ip mine"),
        ("add rule ip filter FORWARD drop", "add rule ip filter FORWARD drop"),
        ("define a = 1; delete table inet link", "delete table inet link"),
        ("flush \\\n ruleset", "flush ruleset"),
        ("table inet laboratory { }", "table inet laboratory"),
    ],
)
def test_anything_else_is_refused_with_its_line(harmful: str, named: str) -> None:
    with pytest.raises(LabError) as caught:
        ownership.check(f"{RULESET}\n{harmful}\n", "mine.nft")
    assert str(caught.value).startswith(
        f"mine.nft, line {RULESET.count(chr(10)) + 2}: '{named}' is not about"
    )
    assert caught.value.exit_code is ExitCode.USAGE
