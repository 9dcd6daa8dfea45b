"""The limits of a running lab: read, checked, and changed at both hosts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from lab import limits, settings
from lab.errors import ExitCode, LabError
from lab.limits import Limits
from lab.settings import Settings

OWN = Limits(5, 100, "5/2", "30/60")


class Hosts:
    """What the edge and the stand-in would print, and what was run there."""

    def __init__(self, now: Limits) -> None:
        self.now, self.ran = now, []  # type: ignore[var-annotated]

    def __call__(self, _: Settings, host: str, *words: str) -> str:
        self.ran.append((host, *words))
        if host == "discord":
            return json.dumps({"webhook": self.now.webhook, "channel": self.now.channel})
        zone = f"limit_req_zone $x zone=logins:10m rate={self.now.rate}r/s;"
        pace = f"limit_req_zone $edge_paced zone=pace:64k rate={self.now.pace}r/s;" if self.now.pace else ""
        return f"{zone} limit_req zone=logins burst={self.now.burst}; {pace}"

    def changes(self) -> list[Sequence[str]]:
        return [words for words in self.ran if "PUT" in words or "-ec" in words]


@pytest.fixture
def shipped() -> Settings:
    return Settings(settings.defaults())


def _hosts(monkeypatch: pytest.MonkeyPatch, now: Limits) -> Hosts:
    hosts = Hosts(now)
    monkeypatch.setattr(limits, "_on", hosts)
    return hosts


def test_the_labs_own_are_those_of_the_configuration_and_the_settings(shipped: Settings) -> None:
    assert limits.own(shipped) == OWN


def test_other_log_ins_are_written_at_the_edge(monkeypatch: pytest.MonkeyPatch, shipped: Settings) -> None:
    hosts = _hosts(monkeypatch, OWN)
    limits.change(shipped, Limits(6, 15, "4/2", "600/60"))
    edge, discord = hosts.changes()
    assert edge[0] == "edge"
    assert 'echo "6 15" >"$EDGE_RUN_DIR/login_limit"\n' in edge[3]
    assert 'rm -f "$EDGE_RUN_DIR/pace"\n' in edge[3]
    assert '{"webhook": "4/2", "channel": "600/60"}' in discord


def test_nginx_is_left_alone_where_its_limit_is_right(
    monkeypatch: pytest.MonkeyPatch, shipped: Settings
) -> None:
    hosts = _hosts(monkeypatch, OWN)
    limits.change(shipped, Limits(5, 100, "4/2", "30/60"))
    assert [words[0] for words in hosts.changes()] == ["discord"]


def test_clearing_changes_what_differs_alone(monkeypatch: pytest.MonkeyPatch, shipped: Settings) -> None:
    same = _hosts(monkeypatch, OWN)
    limits.clear(shipped)
    assert same.changes() == []
    other = _hosts(monkeypatch, Limits(6, 15, "5/2", "30/60"))
    limits.clear(shipped)
    assert 'rm -f "$EDGE_RUN_DIR/login_limit"\n' in other.changes()[0][3]


def test_a_turnstile_is_put_up_and_seen(monkeypatch: pytest.MonkeyPatch, shipped: Settings) -> None:
    hosts = _hosts(monkeypatch, OWN)
    wanted = replace(OWN, pace=20)
    limits.change(shipped, wanted)
    assert 'echo "20" >"$EDGE_RUN_DIR/pace"\n' in hosts.changes()[0][3]
    _hosts(monkeypatch, wanted)
    assert limits.in_force(shipped) == wanted


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Limits(0, 15, "4/2", "30/60"), "--rate 0 is no limit; write it as 1 to 9999"),
        (Limits(6, 10_000, "4/2", "30/60"), "--burst 10000 is no limit"),
        (Limits(6, 15, "4", "30/60"), "--webhook 4 is no limit; write it as requests/seconds, such as 5/2"),
        (Limits(6, 15, "4/2", "30/60", pace=-1), "--pace -1 is no limit"),
        (Limits(6, 15, "4/2", "x/1"), "--channel x/1 is no limit"),
    ],
)
def test_a_value_that_is_none_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, shipped: Settings, wanted: Limits, said: str
) -> None:
    hosts = _hosts(monkeypatch, OWN)
    with pytest.raises(LabError) as refused:
        limits.change(shipped, wanted)
    assert said in str(refused.value)
    assert refused.value.exit_code == ExitCode.USAGE
    assert hosts.changes() == []


def test_a_configuration_without_the_limit_is_told(
    monkeypatch: pytest.MonkeyPatch, shipped: Settings
) -> None:
    monkeypatch.setattr(
        limits, "_on", lambda *words: "{}" if words[1] == "edge" else '{"webhook": "", "channel": ""}'
    )
    with pytest.raises(LabError, match="has no limit 'logins'"):
        limits.in_force(shipped)
