"""Moving to the other database: what is refused before anything stops, and whom it stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import lifecycle, moving, settings
from lab.errors import ExitCode, LabError


@pytest.fixture
def _lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_ENV_FILE", str(tmp_path / "env"))
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    settings.ensure()


@pytest.mark.usefixtures("_lab")
@pytest.mark.parametrize(
    ("to", "told"),
    [("sqlite", "the lab runs on sqlite already"), ("mysql", "there is no database 'mysql'")],
)
def test_a_target_that_is_none_is_refused(to: str, told: str) -> None:
    with pytest.raises(LabError, match=told) as caught:
        moving.move(to, lambda _: None, force=True)
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.usefixtures("_lab")
def test_who_asks_the_database_is_stopped_and_nobody_else() -> None:
    loaded, plan = lifecycle.current()
    asking = {name for name in lifecycle.services(loaded, plan) if plan.hosts[name].asks_database}
    assert asking == {"app1", "app2", "live"}


def test_the_commands_own_sentence_is_told_in_the_words_of_the_verb() -> None:
    said = "Copying x.\nCommandError: Nothing was copied: the target holds data; add --force to replace it."
    assert moving._reason(said) == "nothing was copied: the target holds data; add FORCE=1 to replace it"
