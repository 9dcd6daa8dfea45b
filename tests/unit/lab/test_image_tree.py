"""Comparing the files of two images: what differs is named, a time does not count."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable

import pytest

from lab import image_tree
from lab.image_tree import Tree

Change = Callable[[tarfile.TarInfo], None]


def archive(content: bytes = b"text", change: Change = lambda _: None, extra: str = "") -> Tree:
    """A folder, a file with `content`, and a link to it; `change` is made to the file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        folder, file, link = (tarfile.TarInfo(name) for name in ("etc", "etc/file", "etc/link"))
        folder.type, link.type, link.linkname = tarfile.DIRTYPE, tarfile.SYMTYPE, "file"
        file.size = len(content)
        change(file)
        tar.addfile(folder)
        tar.addfile(file, io.BytesIO(content))
        tar.addfile(link)
        if extra:
            tar.addfile(tarfile.TarInfo(extra))
    stream.seek(0)
    return image_tree.read(stream)


def later(file: tarfile.TarInfo) -> None:
    file.mtime = 1e9


def executable(file: tarfile.TarInfo) -> None:
    file.mode = 0o755


def owned(file: tarfile.TarInfo) -> None:
    file.uid = 10001


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (archive(), []),
        (archive(change=later), []),
        (archive(b"TEXT"), ["etc/file: content"]),
        (archive(b"longer"), ["etc/file: size 4 and 6, content"]),
        (archive(change=executable), ["etc/file: mode 0644 and 0755"]),
        (archive(change=owned), ["etc/file: owner 0:0 and 10001:0"]),
        (archive(extra="etc/new"), ["etc/new: only in the second"]),
    ],
)
def test_what_differs_is_named_and_a_time_is_nothing(other: Tree, told: list[str]) -> None:
    assert list(image_tree.differences(archive(), other)) == told


def test_a_file_that_became_a_link_elsewhere_is_told() -> None:
    one, other = archive(), archive()
    other["etc/file"] = one["etc/link"]
    other["etc/link"] = one["etc/file"]
    told = list(image_tree.differences(one, other))
    assert [line.partition(",")[0] for line in told] == [
        "etc/file: kind file and symbolic link",
        "etc/link: kind symbolic link and file",
    ]
    assert list(image_tree.differences(archive(extra="etc/old"), one)) == ["etc/old: only in the first"]
