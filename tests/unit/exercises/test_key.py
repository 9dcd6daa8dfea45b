"""The instructor's key."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.exercises import key
from lab.settings import FORMS


def test_the_pair_fits_and_another_does_not(tmp_path: Path) -> None:
    mine, others = key.make(tmp_path / "mine"), key.make(tmp_path / "others")
    key.must_fit(tmp_path / "mine", mine)
    with pytest.raises(LabError, match="is not the key of this lab's CLASS_KEY"):
        key.must_fit(tmp_path / "mine", others)


def test_the_private_half_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    key.make(file)
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(LabError, match="is there already"):
        key.make(file)
    assert file.read_bytes() == before


def test_the_public_half_is_a_setting(tmp_path: Path) -> None:
    import re

    assert re.fullmatch(FORMS["CLASS_KEY"][0], key.make(tmp_path / "mine"))


def test_no_key_no_solution(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="has no CLASS_KEY"):
        key.must_fit(tmp_path / "mine", "")
    with pytest.raises(LabError, match="say where the key is"):
        key.must_fit(tmp_path / "mine", "A" * 43)
    (tmp_path / "mine").write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    with pytest.raises(LabError, match="is no instructor's key"):
        key.must_fit(tmp_path / "mine", "A" * 43)
