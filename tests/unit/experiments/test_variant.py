"""A lab with other settings: which hosts start anew, and that the old values always come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import health, lifecycle, paths, settings, topology
from lab.errors import LabError
from lab.experiments import variant
from lab.settings import Settings

Calls = list[tuple[str, ...]]


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    passwords = dict.fromkeys(settings.PASSWORDS, "a-secret-password")
    return Settings({**settings.defaults(), **passwords})


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What Compose was told; app3 is there all the time."""
    words_told: Calls = []

    def waited(hosts: list[str]) -> None:
        words_told.append(("wait", *hosts))

    for module in (variant, lifecycle):
        monkeypatch.setattr(module, "compose", lambda _project, *words: words_told.append(words))
    state = health.HostState("0", "app3", "running", "", 0, {})
    monkeypatch.setattr(health, "states", lambda _: {"app3": state})
    monkeypatch.setattr(
        health, "wait", lambda _project, _plan, hosts, _say: words_told.append(("wait", *hosts))
    )
    return words_told


def staged(name: str) -> str:
    text = (paths.state() / "compose.env").read_text()
    (value,) = (line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}="))
    return value


def silent(_: str) -> None:
    pass


def test_three_replicas_come_and_go(loaded: Settings, told: Calls) -> None:
    with variant.changed(loaded, topology.read(loaded.values), {"REPLICAS": "3"}, silent):
        assert staged("EDGE_UPSTREAMS").endswith("10.10.30.13:8000")
        assert told == [
            ("up", "--detach", "--no-build", "--no-deps", "app1", "app2", "app3", "edge"),
            ("wait", "app1", "app2", "app3", "edge"),
        ]
        told.clear()
    assert staged("EDGE_UPSTREAMS") == "10.10.30.11:8000,10.10.30.12:8000"
    assert told == [
        ("up", "--detach", "--no-build", "--no-deps", "app1", "app2", "edge"),
        ("rm", "--stop", "--force", "app3"),
        ("wait", "app1", "app2", "edge"),
    ]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), LabError("the run failed")])
def test_the_old_values_come_back_whatever_happens(loaded: Settings, told: Calls, end: BaseException) -> None:
    plan, seen = topology.read(loaded.values), []

    def experiment() -> None:
        with variant.changed(loaded, plan, {"MICRO_CACHE": "off"}, silent):
            seen.append(staged("MICRO_CACHE"))
            raise end

    with pytest.raises(type(end)):
        experiment()
    assert seen == ["off"]
    assert staged("MICRO_CACHE") == "on"
    assert [words[0] for words in told] == ["up", "rm", "wait"] * 2


def test_what_is_so_already_changes_nothing(loaded: Settings, told: Calls) -> None:
    with variant.changed(loaded, topology.read(loaded.values), {"WEB_WORKERS": "2"}, silent):
        pass
    assert told == []


def test_a_value_that_env_could_not_have_is_refused_before_anything_changes(
    loaded: Settings, told: Calls
) -> None:
    context = variant.changed(loaded, topology.read(loaded.values), {"REPLICAS": "4"}, silent)
    with pytest.raises(LabError, match="REPLICAS must be 1, 2 or 3"):
        context.__enter__()
    assert told == []
