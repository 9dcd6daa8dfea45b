"""The record of the images' distribution packages, and what is told of a build that has others."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import image_packages, images
from lab.errors import LabError

LOCKED = {("client", "curl"): "8.14.1-2", ("edge", "curl"): "8.14.1-2", ("edge", "nginx"): "1.26.3-3"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    image_packages.write(LOCKED, tmp_path / "lock")
    assert image_packages.read(tmp_path / "lock") == LOCKED


def test_the_same_change_on_two_hosts_is_one_line() -> None:
    here = {("client", "curl"): "8.14.1-3", ("edge", "curl"): "8.14.1-3", ("edge", "gzip"): "1.13-1"}
    assert list(image_packages.differences(LOCKED, here)) == [
        "curl: 8.14.1-2 locked, 8.14.1-3 here (client, edge)",
        "gzip: none locked, 1.13-1 here (edge)",
        "nginx: 1.26.3-3 locked, none here (edge)",
    ]
    assert list(image_packages.differences(LOCKED, LOCKED)) == []


def test_a_line_that_is_no_package_is_told_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("# head\nclient curl 8\nclient curl\n")
    with pytest.raises(LabError, match="line 3"):
        image_packages.read(tmp_path / "lock")


def test_the_checkouts_lock_knows_every_image_and_what_makes_it_a_host() -> None:
    locked = image_packages.read()
    assert {target for target, _ in locked} == set(images.INPUTS)
    assert {("edge", "nginx"), ("router", "nftables"), ("client", "tshark")} <= locked.keys()
