"""What the command line says of mistakes: in the words of whoever made them."""

from __future__ import annotations

import pytest

from lab import cli
from lab.errors import ExitCode, LabError


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("reordering needs a delay; add --delay 10ms", "reordering needs a delay; add DELAY=10ms"),
        ("use --loss (even) or --loss-model gilbert(…)", "use LOSS=(even) or LOSS_MODEL=gilbert(…)"),
        ("--for 25h is not from 1s to 24h", "FOR=25h is not from 1s to 24h"),
        ("the lab is down; run: make up", "the lab is down; run: make up"),
    ],
)
def test_who_typed_a_make_verb_is_told_of_variables(said: str, told: str) -> None:
    assert cli.in_makes_words(said) == told


@pytest.mark.parametrize(("level", "told"), [("1", "add DELAY=10ms"), (None, "add --delay 10ms")])
def test_a_mistake_is_one_sentence_and_its_exit_code(
    level: str | None, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise LabError("add --delay 10ms", ExitCode.USAGE)

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.delenv("MAKELEVEL", raising=False)
    if level:
        monkeypatch.setenv("MAKELEVEL", level)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == ExitCode.USAGE
    assert capsys.readouterr().err == f"ticketlab: {told}\n"
