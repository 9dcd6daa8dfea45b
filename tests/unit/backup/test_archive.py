"""The backup's file: nothing but a whole one is believed."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from ticketing.backup import archive
from ticketing.backup.manifest import BadBackup, Manifest, Member, Table

PICTURE = "media/images/one.png"


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "one").write_bytes(bytes(range(256)) * 300)
    (tmp_path / "two").write_bytes(b"a picture")
    return {"database": tmp_path / "one", PICTURE: tmp_path / "two"}


def manifest_of(parts: dict[str, Path]) -> Manifest:
    members = {name: archive.digest(path) for name, path in parts.items()}
    tables = {"ticketing_ticket": Table(3, "0" * 64)}
    return Manifest("1", "2026-01-01T00:00:00+00:00", "sqlite", ["ticketing.0001"], tables, members, [])


def packed(manifest: Manifest, parts: dict[str, Path]) -> bytes:
    out = io.BytesIO()
    archive.write(out, manifest, parts)
    return out.getvalue()


def unpack(content: bytes, folder: Path) -> Manifest:
    return archive.unpack(io.BytesIO(content), lambda _: folder)[1]


def test_there_and_back(tmp_path: Path, parts: dict[str, Path]) -> None:
    manifest = manifest_of(parts)
    assert unpack(packed(manifest, parts), tmp_path / "out") == manifest
    for name, path in parts.items():
        assert (tmp_path / "out" / name).read_bytes() == path.read_bytes()
    assert manifest.tickets == 3


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    content = packed(manifest_of(parts), parts)
    for end in range(0, len(content) - 8, 37):  # the last eight bytes are gzip's own check
        with pytest.raises(BadBackup):
            unpack(content[:end], tmp_path / f"cut-{end}")


def test_a_file_in_which_any_byte_differs_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    content = packed(manifest_of(parts), parts)
    for place in range(10, len(content) - 8, 41):  # gzip's header of ten bytes says nothing of the content
        altered = bytearray(content)
        altered[place] ^= 0x10
        with pytest.raises(BadBackup):
            unpack(bytes(altered), tmp_path / f"altered-{place}")


def test_a_part_that_was_exchanged_is_refused_though_the_packing_is_sound(
    tmp_path: Path, parts: dict[str, Path]
) -> None:
    manifest = manifest_of(parts)
    parts["database"].write_bytes(b"x" * manifest.members["database"].bytes)
    with pytest.raises(BadBackup, match="its parts are not those that its manifest lists"):
        unpack(packed(manifest, parts), tmp_path / "out")


def test_a_manifest_that_was_exchanged_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    content = gzip.decompress(packed(manifest_of(parts), parts))
    altered = gzip.compress(content.replace(b'"rows": 3', b'"rows": 4'))
    assert altered != gzip.compress(content)
    with pytest.raises(BadBackup, match="its parts are not those that its manifest lists"):
        unpack(altered, tmp_path / "out")


def test_a_part_that_is_missing_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    with pytest.raises(BadBackup, match="its parts are not those"):
        unpack(packed(manifest_of(parts), {"database": parts["database"]}), tmp_path / "out")


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/cron.d/x", "media/../../elsewhere", "other"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, parts: dict[str, Path], name: str) -> None:
    parts = {name: parts["database"]}
    with pytest.raises(BadBackup, match="leads elsewhere"):
        unpack(packed(manifest_of(parts), parts), tmp_path / "deep" / "out")
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_in_the_archive_is_refused(tmp_path: Path, parts: dict[str, Path]) -> None:
    manifest = manifest_of(parts)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        text = manifest.dump()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
        link = tarfile.TarInfo(PICTURE)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(BadBackup, match="does not list"):
        unpack(out.getvalue(), tmp_path / "out")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no gzip", gzip.compress(b""), gzip.compress(b"no tar" * 200), b"\x1f\x8b"],
)
def test_another_file_is_no_backup(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadBackup):
        unpack(content, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_tar_is_no_backup(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("notes.txt"))
    with pytest.raises(BadBackup, match="no backup of this kit"):
        unpack(out.getvalue(), tmp_path / "out")


@pytest.mark.parametrize("text", [b"{}", b"[]", b"null", b"\xff", b'{"format": "ticketlab backup 1"}'])
def test_a_manifest_that_says_too_little_is_refused(text: bytes) -> None:
    with pytest.raises(BadBackup):
        Manifest.load(text)


def test_a_later_format_is_refused(parts: dict[str, Path]) -> None:
    text = manifest_of(parts).dump().replace(b"backup 1", b"backup 2")
    with pytest.raises(BadBackup, match="another format"):
        Manifest.load(text)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar.gz"

    def break_off() -> None:
        with archive.whole(path) as out:
            out.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert list(tmp_path.iterdir()) == []
    with archive.whole(path) as out:
        out.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_manifest_survives_writing(parts: dict[str, Path]) -> None:
    manifest = replace(manifest_of(parts), missing=["images/gone.png"])
    assert Manifest.load(manifest.dump()) == manifest
    assert isinstance(manifest.members["database"], Member)
