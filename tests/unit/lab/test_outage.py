"""Taking a host out of service: what is refused before anything is touched, and that what froze thaws."""

from __future__ import annotations

import pytest

from lab import health, outage, settings, topology
from lab.errors import ExitCode, LabError
from lab.health import HostState
from lab.rollout import drain as drains
from lab.settings import Settings

CHOSEN = Settings({**settings.defaults(), "COMPOSE_PROJECT_NAME": "made-up"})
PLAN = topology.read(CHOSEN.values)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The engine's commands, noted and not run; app1 runs, app2 is frozen, app3 is not there."""
    said: list[str] = []
    there = {
        name: HostState(f"id-of-{name}", name, status, "", 0, {})
        for name, status in (("app1", "running"), ("app2", "paused"), ("edge", "exited"))
    }
    monkeypatch.setattr(health, "states", lambda _: there)
    monkeypatch.setattr(outage, "docker", lambda *words: said.append(" ".join(words)))
    monkeypatch.setattr(drains, "drain", lambda _, name: said.append(f"drain {name}"))
    monkeypatch.setattr(drains, "drained", lambda _: set())
    return said


def test_a_host_that_runs_is_killed(engine: list[str]) -> None:
    outage.kill(CHOSEN, PLAN, "app1", print)
    assert engine == ["kill id-of-app1"]


@pytest.mark.parametrize(
    ("host", "told"),
    [("app2", "app2 is frozen already"), ("edge", "edge is dead already"), ("app3", "app3 is not there")],
)
def test_one_that_does_not_run_cannot_be_killed(engine: list[str], host: str, told: str) -> None:
    with pytest.raises(LabError, match=told) as refused:
        outage.kill(CHOSEN, PLAN, host, print)
    assert (refused.value.exit_code, engine) == (ExitCode.UNMEASURED, [])


def test_what_was_frozen_goes_on_even_if_the_command_is_broken_off(
    engine: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.outage.time.sleep", broken_off)
    with pytest.raises(KeyboardInterrupt):
        outage.freeze(CHOSEN, PLAN, "app1", "2.5s", print)
    assert engine == ["pause id-of-app1", "unpause id-of-app1"]


@pytest.mark.parametrize("length", ["2.5", "0s", "31s", "soon"])
def test_a_length_that_is_none_or_too_long_freezes_nobody(engine: list[str], length: str) -> None:
    with pytest.raises(LabError) as refused:
        outage.freeze(CHOSEN, PLAN, "app1", length, print)
    assert (refused.value.exit_code, engine) == (ExitCode.USAGE, [])


def test_a_replica_is_drained_by_its_name_at_the_edge(engine: list[str]) -> None:
    outage.drain(CHOSEN, PLAN, "app2", print)
    assert engine == ["drain 10.10.30.12:8000"]


def test_the_edge_leaves_out_one_at_a_time(engine: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drains, "drained", lambda _: {"10.10.30.11:8000"})
    with pytest.raises(LabError, match=r"app1 is drained already.*make drain HOST=app1 BACK=1") as refused:
        outage.drain(CHOSEN, PLAN, "app2", print)
    assert (refused.value.exit_code, engine) == (ExitCode.USAGE, [])


def test_what_the_edge_does_not_ask_cannot_be_drained(engine: list[str]) -> None:
    with pytest.raises(LabError, match="asks app1, app2 and not 'app3'") as refused:
        outage.drain(CHOSEN, PLAN, "app3", print)
    assert (refused.value.exit_code, engine) == (ExitCode.USAGE, [])
