"""The order of a rolling change: drained before replaced, and back the whole way after a refusal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab import health, lifecycle, settings, topology
from lab.errors import ExitCode, LabError
from lab.rollout import candidate, change, drain, replica
from lab.settings import Settings

ADDRESSES = {"10.10.30.11:8000": "app1", "10.10.30.12:8000": "app2", "10.10.30.13:8000": "app3"}


@dataclass
class Engine:
    """Stands in for the engine: what was done to it, and which hosts won't live with the new image."""

    done: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    unwell: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    image: str = "old"
    interrupt: bool = False

    def renew(self, _project: str, _plan: object, host: str) -> None:
        self.done.append(f"{host} {self.image}")
        if self.interrupt and self.image == "new":
            raise KeyboardInterrupt
        if host in self.broken and self.image == "new":
            raise LabError(f"{host} ended: no such module")

    def tag(self, *words: str) -> str:
        if words[2].endswith("/app"):
            self.image = words[1]
        return ""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    made = Engine()
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    monkeypatch.setattr(candidate, "docker", made.tag)
    monkeypatch.setattr(candidate, "prepare", lambda *_: candidate.Change("the new one", "new", "old"))
    monkeypatch.setattr(replica, "renew", made.renew)
    monkeypatch.setattr(replica, "start", lambda _, host: made.done.append(host))
    monkeypatch.setattr(replica, "healthy", lambda _, __, host: host not in made.unwell)
    monkeypatch.setattr(drain, "drain", lambda _, address: made.done.append(f"-{ADDRESSES[address]}"))
    monkeypatch.setattr(drain, "resume", lambda _, address: made.done.append(f"+{ADDRESSES[address]}"))
    monkeypatch.setattr(drain, "resume_all", lambda _: made.done.append("+all"))
    monkeypatch.setattr(drain, "drained", lambda _: made.away)
    monkeypatch.setattr(health, "wait_for_database", lambda *_: None)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return made


Lab = Callable[..., None]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    def choose(**values: str) -> None:
        chosen = Settings({**settings.defaults(), **values})
        monkeypatch.setattr(lifecycle, "current", lambda: (chosen, topology.read(chosen.values)))

    choose()
    return choose


def hosts_in_order(engine: Engine) -> list[str]:
    return [word.split()[0] for word in engine.done if word.endswith((" new", " old"))]


def test_each_replica_is_drained_replaced_and_asked_again_before_the_next(engine: Engine, lab: Lab) -> None:
    done = change.deploy(None, lambda _: None)
    assert engine.done == [
        "migrate", "-app1", "app1 new", "+app1", "-app2", "app2 new", "+app2", "live new", "+all",
    ]  # fmt: skip
    assert done.hosts == ["app1", "app2", "live"]


def test_optional_hosts_have_their_turn(engine: Engine, lab: Lab) -> None:
    lab(REPLICAS="3", NOTIFIER="on")
    change.deploy(None, lambda _: None)
    assert hosts_in_order(engine) == ["app1", "app2", "app3", "live", "notifier"]


def test_with_one_replica_its_stand_in_is_first(engine: Engine, lab: Lab) -> None:
    lab(REPLICAS="1")
    change.deploy(None, lambda _: None)
    assert hosts_in_order(engine) == ["app2", "app1", "live"]


@pytest.mark.parametrize("state", ["unwell", "away"])
def test_who_serves_nobody_is_replaced_first(engine: Engine, lab: Lab, state: str) -> None:
    """The other way round, the only one that serves would be taken away."""
    setattr(engine, state, {"app2"} if state == "unwell" else {"10.10.30.12:8000"})
    change.deploy(None, lambda _: None)
    assert hosts_in_order(engine)[:2] == ["app2", "app1"]


@pytest.mark.parametrize(
    ("broken", "touched"),
    [
        ("app1", ["app1 new", "app1 old"]),
        ("app2", ["app1 new", "app2 new", "app2 old", "app1 old"]),
        ("live", ["app1 new", "app2 new", "live new", "live old", "app2 old", "app1 old"]),
    ],
)
def test_a_refusal_goes_back_the_whole_way_and_says_what_the_image_said(
    engine: Engine, lab: Lab, broken: str, touched: list[str]
) -> None:
    engine.broken = {broken}
    with pytest.raises(LabError) as refusal:
        change.deploy(None, lambda _: None)
    assert refusal.value.exit_code == ExitCode.FAILED
    assert "the new one was refused, and the old image serves on" in str(refusal.value)
    assert f"{broken} ended: no such module" in str(refusal.value)
    assert [word for word in engine.done if word.endswith((" new", " old"))] == touched
    assert engine.image == "old"


def test_a_migration_that_fails_touches_no_replica(
    engine: Engine, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LabError("migrate failed: no such column")

    monkeypatch.setattr(health, "wait_for_database", fail)
    with pytest.raises(LabError, match="no such column"):
        change.deploy(None, lambda _: None)
    assert engine.done == ["migrate"]
    assert engine.image == "old"


def test_ctrl_c_goes_back_too(engine: Engine, lab: Lab) -> None:
    engine.interrupt = True
    with pytest.raises(KeyboardInterrupt):
        change.deploy(None, lambda _: None)
    assert engine.done[-3:] == ["-app1", "app1 old", "+app1"]
    assert engine.image == "old"


def test_two_changes_at_once_are_one_too_many(engine: Engine, lab: Lab) -> None:
    with change._alone(), pytest.raises(LabError, match="another make deploy"):
        change.deploy(None, lambda _: None)
    assert engine.done == []


def test_who_does_not_come_back_stays_drained_and_the_mend_is_told(
    engine: Engine, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_project: str, _plan: object, host: str) -> None:
        raise LabError(f"{host} ended")

    monkeypatch.setattr(replica, "renew", never)
    with pytest.raises(LabError, match="did not come back with the old image: app1 ended; run: make up"):
        change.deploy(None, lambda _: None)
    assert "+app1" not in engine.done
