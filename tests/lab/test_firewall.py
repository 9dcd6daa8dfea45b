"""The firewall in the real topology: the whole matrix, loading with the counters kept, being locked out."""

from __future__ import annotations

import json
from pathlib import Path

from lab import paths
from tests.lab.conftest import Lab

SHIPPED = (paths.ROOT / "deploy/firewall/router.nft").read_text()


def changed(tmp_path: Path, old: str, new: str) -> str:
    """A file with the shipped rules but for one change."""
    assert old in SHIPPED
    file = tmp_path / "mine.nft"
    file.write_text(SHIPPED.replace(old, new, 1))
    return str(file)


def test_every_flow_of_the_intent(lab: Lab) -> None:
    done = lab.run("firewall", "test", "--json")
    results = json.loads(done.stdout)
    assert [result["reason"] for result in results if result["verdict"] != "passed"] == []
    assert done.returncode == 0
    assert len(results) > 40


def test_a_reload_keeps_the_counters(lab: Lab) -> None:
    lab.output("client", "ping", "-c", "1", "10.99.10.1")
    before = lab.counters()["clients_to_edge_probe"]
    assert lab.run("firewall", "apply").returncode == 0
    assert lab.counters()["clients_to_edge_probe"] == before > 0


def test_a_lockout_is_taken_back(lab: Lab, tmp_path: Path) -> None:
    accept = "counter name clients_to_edge_http accept"
    locked = lab.run("firewall", "apply", changed(tmp_path, accept, accept.replace("accept", "drop")))
    assert locked.returncode == 1
    assert "would lock the clients out" in locked.stderr
    assert lab.fetch("/healthz")[0] == 200


def test_a_file_that_does_not_parse_is_shown_with_nfts_caret(lab: Lab, tmp_path: Path) -> None:
    done = lab.run("firewall", "apply", changed(tmp_path, "policy drop;", "polcy drop;"))
    assert done.returncode == 1
    assert "mine.nft:" in done.stderr
    assert "^^^" in done.stderr
    assert lab.fetch("/healthz")[0] == 200


def test_show_tells_every_counting_rule_in_words(lab: Lab) -> None:
    rows = json.loads(lab.run("firewall", "show", "--json").stdout)
    named = {row["counter"]: row for row in rows}
    assert named["edge_to_app"]["verdict"] == "accept"
    assert "reverse proxy" in named["edge_to_app"]["comment"]
    assert named["edge_to_app"]["packets"] > 0
    assert [row["counter"] for row in rows if not row["comment"]] == []
