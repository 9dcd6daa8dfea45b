"""Which drills there are, and which apply where."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest

from lab.drills import catalogue, power
from lab.drills.site import Site
from lab.errors import ExitCode, LabError

SQLITE = ["router", "edge", "app1", "app2", "live", "discord", "client", "locust", "worker"]


class Stub:
    """A lab with these hosts, that does nothing."""

    def __init__(self, hosts: list[str]) -> None:
        self.hosts = hosts
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Remember it."""
        self.said.append(text)


def site(*more: str) -> Any:  # noqa: ANN401 - a stub in place of a Site
    return cast(Site, Stub([*SQLITE, *more]))


def test_all_are_those_that_apply_here() -> None:
    sqlite = site()
    names = {drill.name for drill in catalogue.chosen("all", sqlite)}
    assert set(catalogue.DRILLS) - names == {"kill-database", "restart-engine"}
    assert [text.split()[0] for text in sqlite.said] == ["kill-database"]
    names = {drill.name for drill in catalogue.chosen("all", site("db"))}
    assert set(catalogue.DRILLS) - names == {"fill-disk", "restart-engine"}


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(LabError, match="no drill 'x'; those that there are: kill-worker, ") as caught:
        catalogue.chosen("x", site())
    assert caught.value.exit_code == ExitCode.USAGE


def test_the_same_seed_kills_the_same() -> None:
    first, again, other = ([*islice(catalogue.victims(SQLITE, seed), 40)] for seed in (1, 1, 2))
    assert first == again != other
    assert set(first) == {"worker", "app1", "app2", "edge", "router", "live"}
    assert "db" in islice(catalogue.victims([*SQLITE, "db"], 1), 40)


def test_a_quick_drill_promises_no_p99() -> None:
    drill = catalogue.named("kill-replica")
    quick = drill.quick()
    assert (quick.hold, quick.after) == (drill.hold / 2, drill.after - 6)
    assert (quick.promise.reads_failed, quick.promise.p99_back) == (0.001, None)


def test_the_engine_is_restarted_by_whoever_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Any:  # noqa: ANN401 - as much of a CompletedProcess as is looked at
        asked.append(argv)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(power, "run", run)
    monkeypatch.setattr(power, "clients", tuple)
    monkeypatch.setattr(power, "docker_argv", lambda *words: ["docker", *words])
    monkeypatch.setattr(power, "SYSTEMD", tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    power.restart_engine(lambda _: None)
    assert asked == [["sudo", "-n", "systemctl", "restart", "docker"], ["docker", "version"]]


def test_without_an_init_system_it_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(power, "SYSTEMD", tmp_path / "none")
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(LabError, match="restart-engine does not apply") as caught:
        power.must_be_restartable()
    assert caught.value.exit_code == ExitCode.USAGE
