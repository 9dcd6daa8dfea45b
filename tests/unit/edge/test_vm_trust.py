"""The VM's own trust: which commands run, and what is said when one fails."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.tls import files, vm_trust


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Sequence[str]]:
    """The commands that would have run, each as words."""
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    files.prepare()
    (files.folder() / "ca.crt").write_text("the authority's certificate\n")
    words: list[Sequence[str]] = []

    def run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        words.append(argv)
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(vm_trust, "run", run)
    return words


@pytest.mark.parametrize(("user", "prefix"), [(0, []), (1000, ["sudo"])])
def test_trust_and_back(
    ran: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch, user: int, prefix: list[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    vm_trust.trust("ticketlab")
    vm_trust.distrust("ticketlab")
    there = "/usr/local/share/ca-certificates/ticketlab.crt"
    assert ran == [
        [*prefix, "install", "-D", "-m", "0644", str(files.ca_file()), there],
        [*prefix, "update-ca-certificates"],
        [*prefix, "rm", "-f", there],
        [*prefix, "update-ca-certificates"],
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [(127, "is not installed; run: sudo apt-get install ca-certificates"), (1, "failed: no such luck")],
)
def test_a_failure_is_one_sentence(
    ran: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    failed = subprocess.CompletedProcess([], code, "", "no such luck\n")
    monkeypatch.setattr(vm_trust, "run", lambda _: failed)
    with pytest.raises(LabError) as refused:
        vm_trust.trust("ticketlab")
    assert said in str(refused.value)
