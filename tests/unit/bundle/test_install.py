"""What install.sh looks at before it changes anything: each damage told, nothing left behind."""

from __future__ import annotations

import platform
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import paths
from lab.bundle import pack

SCRIPT = paths.ROOT / "deploy/bundle/install.sh"
ABOUT: dict[str, object] = {
    "FORMAT": 1,
    "COMMIT": "0" * 40,
    "ARCH": platform.machine(),
    "DISTRIBUTION": "none 0",
    "PYTHON": "9.9",  # where a bundle that is whole is refused at last: no test may get further
    "IMAGES": "ticketlab",
    "NEEDS_MB": 1,
}


def _made(folder: Path, **about: object) -> Path:
    """An unpacked bundle with parts that are nothing."""
    bundle = folder / "ticketlab-0000000-here"
    (bundle / "debs").mkdir(parents=True)
    for name in ("tree.tar.gz", "images.tar.gz", "python.tar.gz", "debs/make.deb"):
        (bundle / name).write_text(f"this is {name}")
    shutil.copy(SCRIPT, bundle / "install")
    pack.seal(bundle, {**ABOUT, **about})
    return bundle


def _install(bundle: Path, target: Path) -> str:
    """What an installation that is refused says."""
    done = subprocess.run(
        ["sh", str(bundle / "install"), str(target)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ticketlab: ")
    assert not (target / ".lab").exists()
    return done.stderr


def test_a_whole_bundle_gets_past_all_that_is_looked_at(tmp_path: Path) -> None:
    said = _install(_made(tmp_path), tmp_path / "lab")
    assert "python3 here is" in said
    assert "and the bundle's packages are for 9.9" in said


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def _shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


@pytest.mark.parametrize("change", [_flip, _shorten, Path.unlink], ids=["flipped", "cut", "missing"])
@pytest.mark.parametrize("part", ["tree.tar.gz", "images.tar.gz", "python.tar.gz", "debs/make.deb"])
def test_a_part_that_is_not_what_it_was_is_named(
    tmp_path: Path, part: str, change: Callable[[Path], None]
) -> None:
    bundle = _made(tmp_path)
    change(bundle / part)
    assert f"the bundle's {part} is damaged or missing; copy it again" in _install(bundle, tmp_path / "lab")


def test_what_the_bundle_says_of_itself_is_summed_up_too(tmp_path: Path) -> None:
    bundle = _made(tmp_path)
    about = bundle / "about"
    about.write_text(about.read_text().replace("NEEDS_MB=1\n", "NEEDS_MB=0\n"))
    assert "the bundle's about is damaged" in _install(bundle, tmp_path / "lab")


def test_a_list_of_sums_that_lost_lines_is_no_whole_bundle(tmp_path: Path) -> None:
    bundle = _made(tmp_path)
    lines = (bundle / "SHA256SUMS").read_text().splitlines(keepends=True)
    (bundle / "SHA256SUMS").write_text("".join(lines[:-1]))
    (bundle / lines[-1].split()[1]).unlink()
    assert "SHA256SUMS does not list the bundle's 6 parts" in _install(bundle, tmp_path / "lab")


@pytest.mark.parametrize("name", ["about", "SHA256SUMS"])
def test_without_its_lists_it_is_no_bundle(tmp_path: Path, name: str) -> None:
    bundle = _made(tmp_path)
    (bundle / name).unlink()
    assert "this is no bundle, or not all of it" in _install(bundle, tmp_path / "lab")


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"FORMAT": 2}, "the bundle is of format '2', and this script knows 1"),
        ({"ARCH": "s390x"}, f"the bundle is for s390x, and this VM is {platform.machine()}"),
        ({"NEEDS_MB": 10**9}, "MB free, and this bundle needs 1000000000; make room"),
    ],
)
def test_what_does_not_fit_this_vm_is_told(tmp_path: Path, about: dict[str, object], said: str) -> None:
    assert said in _install(_made(tmp_path, **about), tmp_path / "lab")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/mine").touch()
    assert "there is something in" in _install(_made(tmp_path), tmp_path / "lab")
    assert (tmp_path / "lab/mine").exists()


def test_what_a_step_that_fails_had_put_there_is_taken_away(tmp_path: Path) -> None:
    bundle = _made(tmp_path)
    with tarfile.open(bundle / "tree.tar.gz", "w:gz") as archive:
        archive.add(SCRIPT, "deploy/bundle/install.sh")
    (bundle / "about").unlink()
    (bundle / "SHA256SUMS").unlink()
    here = platform.freedesktop_os_release()
    python = subprocess.run(
        ["python3", "-c", 'import sys; print("%d.%d" % sys.version_info[:2])'],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    fits = {"PYTHON": python, "DISTRIBUTION": f"{here['ID']} {here.get('VERSION_ID', '')}".strip()}
    pack.seal(bundle, {**ABOUT, **fits})
    argv = ["sh", str(bundle / "install"), str(tmp_path / "lab")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert (
        "the bundle's python.tar.gz cannot be unpacked" in done.stderr
    )  # it is none, though its sum is right
    assert not (tmp_path / "lab").exists()


def _checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "deploy/bundle").mkdir(parents=True)
    shutil.copy(SCRIPT, folder / "deploy/bundle/install.sh")
    return folder


def _from(checkout: Path, file: Path) -> str:
    script = checkout / "deploy/bundle/install.sh"
    done = subprocess.run([str(script), str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert not (checkout / ".lab/bundle").exists()
    assert not (checkout / ".lab/offline").exists()
    return done.stderr


def test_from_a_checkout_the_file_is_unpacked_looked_at_and_taken_away_again(tmp_path: Path) -> None:
    file = pack.write(_made(tmp_path), tmp_path)
    with tarfile.open(file) as archive:
        assert [name.rpartition("/")[2] for name in archive.getnames()[:3]] == list(pack.FIRST)
    assert "and the bundle's packages are for 9.9" in _from(_checkout(tmp_path), file)


def test_a_file_that_is_cut_off_or_missing_is_told(tmp_path: Path) -> None:
    file = pack.write(_made(tmp_path), tmp_path)
    file.write_bytes(file.read_bytes()[:5000])
    assert "is cut off or no bundle; copy it again" in _from(_checkout(tmp_path), file)
    assert "there is no bundle" in _from(tmp_path / "checkout", tmp_path / "none")


def test_a_checkout_of_another_commit_is_told(tmp_path: Path) -> None:
    checkout, git = _checkout(tmp_path), ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C"]
    subprocess.run([*git, str(checkout), "init", "-q"], check=True)
    subprocess.run([*git, str(checkout), "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    file = pack.write(_made(tmp_path), tmp_path)
    assert f"and the bundle is of {'0' * 40}; git checkout that" in _from(checkout, file)
